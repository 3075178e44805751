// Package mutants removes the safety lines of Skep, one at a time, and checks that the test which
// guards each of them fails. The sources stay unchanged: the go command gets a changed copy of one
// file (go help build, -overlay).
package mutants_test

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	// The go command caches the result of a test until its imports change, so the test imports
	// the code that the mutants change.
	_ "github.com/skep-dev/skep/cli/allinone"

	"github.com/skep-dev/skep/test/sample"
)

var all = flag.Bool("mutants.all", os.Getenv("MUTANTS") == "all", "try every mutant, not only the fast ones")

// root is the root of the repository.
const root = "../.."

// mutant is one safety line and the change that removes it.
type mutant struct {
	// line says what the line ensures.
	line string
	// file contains the text old exactly once; mutated replaces it.
	file, old, mutated string
	// guard matches the tests that must fail, in the package in folder.
	folder, guard string
	// slow means that the guard takes more than a few seconds to build and run.
	slow bool
}

func TestEverySafetyLineIsGuarded(t *testing.T) {
	tried := sample.Every(4, 0, slices.DeleteFunc(slices.Clone(mutants), func(m mutant) bool { return m.slow && !*all }))
	for _, m := range mutants {
		t.Run(m.line, func(t *testing.T) {
			overlay := overlay(t, m)
			if !slices.Contains(tried, m) {
				t.Skip("only with MUTANTS=all or without -short")
			}
			out := run(t, m, overlay)
			require.NotContains(t, out, "[build failed]", out)
			require.NotContains(t, out, "[setup failed]", out)
			require.NotContains(t, out, "no tests to run", out)
			require.Regexp(t, `(?m)^--- FAIL: |^panic: test timed out|^fatal error: |^panic: `, out, "the line is removed, and %s still passes:\n%s", m.guard, out)
		})
	}
}

// overlay writes the changed copy and returns the overlay file for the go command.
func overlay(t *testing.T, m mutant) string {
	t.Helper()
	source, err := filepath.Abs(filepath.Join(root, m.file))
	require.NoError(t, err)
	text, err := os.ReadFile(source)
	require.NoError(t, err)
	require.Equal(t, 1, strings.Count(string(text), m.old), "%s must contain %q once", m.file, m.old)
	dir := t.TempDir()
	mutated := filepath.Join(dir, filepath.Base(m.file))
	require.NoError(t, os.WriteFile(mutated, []byte(strings.Replace(string(text), m.old, m.mutated, 1)), 0o600))
	replaced, err := json.Marshal(map[string]map[string]string{"Replace": {source: mutated}})
	require.NoError(t, err)
	file := filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(file, replaced, 0o600))
	return file
}

// run runs the guard with the overlay, requires that it fails, and returns its output.
func run(t *testing.T, m mutant, overlay string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-timeout=5m", "-overlay="+overlay, "-run="+m.guard, "./"+m.folder)
	command.Dir = root
	out, err := command.CombinedOutput()
	require.Error(t, err, "the line is removed, and %s still passes", m.guard)
	return string(out)
}
