// Package processes_test runs the shipped binaries as separate processes over TCP on loopback,
// in real time, and kills them. It tests the main functions, their settings and their files;
// the tests in virtual time cover the rest.
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
