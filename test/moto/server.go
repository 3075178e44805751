// Package moto is AWS as moto sees it, a server of its own in Python that knows
// nothing of Skep: an independent witness. Tests that run the suite as processes
// build in it, and then ask it what there is.
//
// Start runs the server behind a Door, which counts the calls of the suite and
// bridges by name what moto lacks, see Gaps. An Account is what its administrator
// sees. Only tests import this package.
package moto

import (
	_ "embed" // for the images
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// images are the machine images of every region: Flatcar, as it is published.
//
//go:embed images.json
var images []byte

// installed is the folder that `make venv` installs moto into, from a package of
// the test module.
const installed = "../../.cache/moto"

// Start runs moto until the test ends and returns the door to it. Without moto
// the test fails and says how to install it; with SKEP_NO_MOTO=1 in the
// environment it is skipped.
func Start(t *testing.T) *Door {
	t.Helper()
	if os.Getenv("SKEP_NO_MOTO") == "1" {
		t.Skip("SKEP_NO_MOTO=1: nothing is tested against moto")
	}
	file := filepath.Join(t.TempDir(), "images.json")
	require.NoError(t, os.WriteFile(file, images, 0o600))
	server := exec.CommandContext(t.Context(), python(t), "-m", "moto.server", "-H", "127.0.0.1", "-p", "0")
	server.Env = append(os.Environ(), "MOTO_AMIS_PATH="+file, "PYTHONUNBUFFERED=1", "PYTHONPATH="+filepath.Join(installed, "packages"))
	words := newWords()
	server.Stderr = words
	require.NoError(t, server.Start())
	go func() {
		_ = server.Wait() // How it ended is among its words.
		words.end()
	}()
	t.Cleanup(func() {
		_ = server.Process.Kill() // It may have ended by itself.
		<-words.ended
	})
	select {
	case <-words.running:
	case <-words.ended:
		require.Fail(t, "moto ended as it started", words.String())
	}
	return open(t, words.address, words.trouble)
}

// python is the interpreter that moto is installed for.
func python(t *testing.T) string {
	t.Helper()
	own := filepath.Join(installed, "bin", "python3")
	if _, err := os.Stat(own); err == nil {
		return own
	}
	_, err := os.Stat(filepath.Join(installed, "packages"))
	require.NoError(t, err, "moto is not installed: run `make venv`, which needs python3 and python3-venv, or set SKEP_NO_MOTO=1 to do without")
	return "python3"
}
