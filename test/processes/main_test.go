// Package processes_test runs the suite as it is shipped: binaries of their own,
// in processes of their own, over TCP on loopback, killed without warning. Time is
// real here, and everything else is proved in virtual time elsewhere: what is
// proved here is that the mains, their settings and their files do.
package processes_test

import (
	"flag"
	"os"
	"testing"

	"github.com/skep-dev/skep/test/program"
)

// programs are the binaries under test.
var programs program.Programs

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(program.Run(m, &programs, program.NATS, program.Skep, program.Gateway, program.Identity,
		program.Network, program.Ingress, program.Compute, program.Bastion))
}
