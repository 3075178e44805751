// Package program builds the programs of the suite and runs them as processes of
// their own, for tests that kill, pause and restart what is shipped. A process
// ends with its test at the latest. Only tests import it.
package program

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	// What the programs are made of: the go command takes an earlier result of a test
	// for current until something changes that the test imports.
	_ "github.com/skep-dev/skep/cli/allinone"
)

// The programs by their packages; the last part of each is its name.
const (
	Skep     = "github.com/skep-dev/skep/cli/cmd/skep"
	Gateway  = "github.com/skep-dev/skep/gateway/cmd/gateway"
	Identity = "github.com/skep-dev/skep/services/identity/cmd/identity"
	Network  = "github.com/skep-dev/skep/services/network/cmd/network"
	Ingress  = "github.com/skep-dev/skep/services/ingress/cmd/ingress"
	Compute  = "github.com/skep-dev/skep/services/compute/cmd/compute"
	Bastion  = "github.com/skep-dev/skep/services/bastion/cmd/bastion"
	NATS     = "github.com/nats-io/nats-server/v2"
)

// Programs are the programs of a test binary, built into a folder of its own.
type Programs struct{ folder string }

// Run builds the packages, runs the tests of m with them, and takes the programs
// away. It returns what TestMain is to exit with. Into is set before the tests run.
func Run(m *testing.M, into *Programs, packages ...string) (code int) {
	folder, err := os.MkdirTemp("", "skep-programs-")
	if err == nil {
		defer func() {
			if err := os.RemoveAll(folder); err != nil {
				fmt.Fprintln(os.Stderr, err)
			}
		}()
		err = build(folder, packages)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	into.folder = folder
	return m.Run()
}

// Path is where a program lies.
func (p Programs) Path(name string) string { return filepath.Join(p.folder, name) }

func build(folder string, packages []string) error {
	arguments := append([]string{"build", "-o", folder + string(os.PathSeparator)}, packages...)
	if text, err := exec.Command("go", arguments...).CombinedOutput(); err != nil {
		return errors.Join(fmt.Errorf("build the programs: %w", err), errors.New(string(text)))
	}
	return nil
}
