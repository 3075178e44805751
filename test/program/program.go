// Package program builds the programs of Skep and runs them as separate processes, for tests
// that kill, pause and restart the shipped binaries. A process ends with its test at the
// latest. Only tests import it.
package program

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	// The code of the programs: the go command caches the result of a test until a package
	// changes that the test imports.
	_ "github.com/skep-dev/skep/cli/allinone"
)

// The packages of the programs; the last segment is the name of the program.
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

// Programs are the programs of a test, built into a temporary directory.
type Programs struct{ folder string }

// Run builds the packages, sets into, runs the tests of m and removes the programs. It
// returns the exit code of TestMain.
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

// Path returns the path of a program.
func (p Programs) Path(name string) string { return filepath.Join(p.folder, name) }

func build(folder string, packages []string) error {
	arguments := append([]string{"build", "-o", folder + string(os.PathSeparator)}, packages...)
	if text, err := exec.Command("go", arguments...).CombinedOutput(); err != nil {
		return errors.Join(fmt.Errorf("build the programs: %w", err), errors.New(string(text)))
	}
	return nil
}
