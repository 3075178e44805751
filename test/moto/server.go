// Package moto runs moto, an independent implementation of AWS in Python, so that tests do not
// rely on simulated AWS alone. Tests run the suite as processes against it and then read its
// resources.
//
// Start runs the server behind a Proxy, which counts the calls of the suite and works around
// the gaps of moto; see Gaps. An Account gives the view of the account administrator. Only
// tests import this package.
package moto

import (
	_ "embed" // for the images
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// images are the machine images of every region: published Flatcar images.
//
//go:embed images.json
var images []byte

// installed is the directory that `make venv` installs moto into, relative to a package of the
// test module.
const installed = "../../.cache/moto"

// Start runs moto until the test ends and returns the proxy to it. Without moto, the test
// fails with the command that installs it; SKEP_NO_MOTO=1 in the environment skips the test.
func Start(t *testing.T) *Proxy {
	t.Helper()
	if os.Getenv("SKEP_NO_MOTO") == "1" {
		t.Skip("SKEP_NO_MOTO=1 skips tests against moto")
	}
	file := filepath.Join(t.TempDir(), "images.json")
	require.NoError(t, os.WriteFile(file, images, 0o600))
	server := exec.CommandContext(t.Context(), python(t), "-m", "moto.server", "-H", "127.0.0.1", "-p", "0")
	server.Env = append(os.Environ(), "MOTO_AMIS_PATH="+file, "PYTHONUNBUFFERED=1", "PYTHONPATH="+filepath.Join(installed, "packages"))
	log := newServerLog()
	server.Stderr = log
	require.NoError(t, server.Start())
	go func() {
		_ = server.Wait() // Its log shows how it ended.
		log.end()
	}()
	t.Cleanup(func() {
		_ = server.Process.Kill() // It may have ended already.
		<-log.ended
	})
	select {
	case <-log.running:
	case <-log.ended:
		require.Fail(t, "moto ended during its start", log.String())
	}
	return open(t, log.address, log.problems)
}

// python returns the Python interpreter that moto is installed for.
func python(t *testing.T) string {
	t.Helper()
	own := filepath.Join(installed, "bin", "python3")
	if _, err := os.Stat(own); err == nil {
		return own
	}
	_, err := os.Stat(filepath.Join(installed, "packages"))
	require.NoError(t, err, "moto is not installed: run `make venv`, which needs python3 and python3-venv, or set SKEP_NO_MOTO=1 to skip the tests")
	return "python3"
}
