// Package cluster_test runs the store on three NATS servers in separate processes with the
// deployed configuration, and kills, pauses and isolates them while several replicas write. It
// then checks that the answers to the replicas are linearizable. The tests run in real time.
package cluster_test

import (
	"flag"
	"os"
	"testing"
	"time"

	"github.com/skep-dev/skep/test/program"
)

// runTime is the minimum duration of the failures. The first failures happen at least once;
// then all of them repeat until the time has passed.
var runTime = flag.Duration("for", 0, "the minimum duration of the failures")

// figures is the directory for the drawing of a violation.
var figures = flag.String("figures", os.TempDir(), "the directory for the drawing of a history that is not linearizable")

// programs are the binaries under test.
var programs program.Programs

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(program.Run(m, &programs, program.NATS, program.Skep, program.Gateway, program.Identity))
}

// waitTimeout limits each wait of a test.
const waitTimeout = time.Minute
