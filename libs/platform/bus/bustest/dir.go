package bustest

import (
	"os"
	"testing"
)

// enough is the free memory in bytes below which the files of a server stay on disk. The server
// of one suite keeps a few MB.
const enough = 1 << 30

// Dir returns an empty directory for the files of a server, which is removed when the test ends.
// It is in memory where the machine offers that: the server syncs its files at each write, which
// on a disk takes half the time of a test. Set TMPDIR to choose another place.
func Dir(t testing.TB) string {
	t.Helper()
	if os.Getenv("TMPDIR") != "" || free(memory) < enough {
		return t.TempDir()
	}
	dir, err := os.MkdirTemp(memory, "skep-test-") //nolint:usetesting // t.TempDir is on disk
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}
