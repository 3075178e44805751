// Package mutants takes the safety lines of Skep away, one at a time, and holds
// that the test which guards each of them fails. The sources stay as they are: the
// go tool is given a changed copy of one file (go help build, -overlay).
package mutants_test

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	// What the mutants are made of: the go command takes an earlier result of a test
	// for current until something changes that the test imports.
	_ "github.com/skep-dev/skep/cli/allinone"
)

var all = flag.Bool("mutants.all", os.Getenv("MUTANTS") == "all", "try every mutant, not the quick ones")

// root is the top of the repository.
const root = "../.."

// mutant is one safety line, and how it is taken away.
type mutant struct {
	// line says what the line is for.
	line string
	// file holds it; old is its text, which is there once, and mutated what comes in
	// its place.
	file, old, mutated string
	// guard is the test that must fail, in the package of the folder.
	folder, guard string
	// slow says that the guard takes more than a few seconds to build and run.
	slow bool
}

func TestEverySafetyLineIsGuarded(t *testing.T) {
	for _, m := range mutants {
		t.Run(m.line, func(t *testing.T) {
			if m.slow && !*all {
				t.Skip("only with MUTANTS=all")
			}
			out := run(t, m, overlay(t, m))
			require.NotContains(t, out, "[build failed]", out)
			require.NotContains(t, out, "[setup failed]", out)
			require.NotContains(t, out, "no tests to run", out)
			require.Regexp(t, `(?m)^--- FAIL: |^panic: test timed out|^fatal error: |^panic: `, out, "the line is gone, and %s does not see it:\n%s", m.guard, out)
		})
	}
}

// overlay makes the changed copy, and what the go tool is told of it.
func overlay(t *testing.T, m mutant) string {
	t.Helper()
	source, err := filepath.Abs(filepath.Join(root, m.file))
	require.NoError(t, err)
	text, err := os.ReadFile(source)
	require.NoError(t, err)
	require.Equal(t, 1, strings.Count(string(text), m.old), "%s holds %q once", m.file, m.old)
	dir := t.TempDir()
	mutated := filepath.Join(dir, filepath.Base(m.file))
	require.NoError(t, os.WriteFile(mutated, []byte(strings.Replace(string(text), m.old, m.mutated, 1)), 0o600))
	replaced, err := json.Marshal(map[string]map[string]string{"Replace": {source: mutated}})
	require.NoError(t, err)
	file := filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(file, replaced, 0o600))
	return file
}

// run runs the guard and returns what it said.
func run(t *testing.T, m mutant, overlay string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-timeout=5m", "-overlay="+overlay, "-run="+m.guard, "./"+m.folder)
	command.Dir = root
	out, err := command.CombinedOutput()
	require.Error(t, err, "the line is gone, and %s does not see it", m.guard)
	return string(out)
}
