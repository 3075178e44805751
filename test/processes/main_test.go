// Package processes_test runs the suite as it is shipped: binaries of their own,
// in processes of their own, over TCP on loopback, killed without warning. Time is
// real here, and everything else is proved in virtual time elsewhere: what is
// proved here is that the mains, their settings and their files do.
package processes_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"
)

// binaries is the folder that the programs are built into.
var binaries string

// programs are the packages that are built; the last part of each is its name.
var programs = []string{
	"github.com/skep-dev/skep/cli/cmd/skep",
	"github.com/skep-dev/skep/gateway/cmd/gateway",
	"github.com/skep-dev/skep/services/identity/cmd/identity",
	"github.com/skep-dev/skep/services/network/cmd/network",
	"github.com/skep-dev/skep/services/ingress/cmd/ingress",
	"github.com/skep-dev/skep/services/compute/cmd/compute",
	"github.com/skep-dev/skep/services/bastion/cmd/bastion",
	"github.com/nats-io/nats-server/v2",
}

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// run builds the programs once, runs the tests, and takes the programs away.
func run(m *testing.M) (code int, err error) {
	if binaries, err = os.MkdirTemp("", "skep-processes-"); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(binaries)) }()
	build := exec.Command("go", append([]string{"build", "-o", binaries + string(os.PathSeparator)}, programs...)...)
	if text, err := build.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("build the programs: %w\n%s", err, text)
	}
	return m.Run(), nil
}
