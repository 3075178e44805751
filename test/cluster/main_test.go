// Package cluster_test runs the store on three NATS servers, in processes of their
// own with the deployed configuration, and kills, pauses and cuts them off while
// several replicas write. What the replicas were told is checked for
// linearizability afterwards. Time is real here.
package cluster_test

import (
	"flag"
	"os"
	"testing"
	"time"

	"github.com/skep-dev/skep/test/program"
)

// lasting is how long trouble is made: the first kinds of it once at least, and
// then all of them over and over until the time is over.
var lasting = flag.Duration("for", 0, "how long to go on making trouble")

// figures is the folder that the picture of a violation is written into.
var figures = flag.String("figures", os.TempDir(), "the folder for the picture of a history that is not linearizable")

// programs are the binaries under test.
var programs program.Programs

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(program.Run(m, &programs, program.NATS, program.Skep, program.Gateway, program.Identity))
}

// patience bounds every wait of a test for something that must happen.
const patience = time.Minute
