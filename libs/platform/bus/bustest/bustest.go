// Package bustest runs tests in virtual time against a real NATS server with its files.
//
// Only tests and libs/sim/suite import it.
package bustest

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats-server/v2/server/ats"
	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/platform/bus"
	"github.com/skep-dev/skep/libs/platform/topology"
)

// Bubble runs a test in a synctest bubble in which NATS servers can start.
func Bubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	// The NATS server starts one goroutine per process that keeps its access time. Registering it
	// here starts it outside the bubble.
	ats.Register()
	defer ats.Unregister()
	// The NATS client keeps timers in a pool of the process, and takes one when it connects again.
	// A timer belongs to its bubble. The second collection empties the pool.
	runtime.GC()
	runtime.GC()
	synctest.Test(t, test)
}

// Start starts a server of a topology in the bubble that this runs in. Nil is the topology of
// the suite. The server has no streams yet, and it stops when the test ends.
func Start(t *testing.T, services topology.Topology) *bus.Server {
	t.Helper()
	s, err := bus.Start(context.Background(), bus.Options{Dir: Dir(t), Topology: services})
	require.NoError(t, err)
	t.Cleanup(func() {
		s.Close()
		time.Sleep(time.Minute) // Some goroutines of the server end only after a timer.
	})
	return s
}

// Run runs a test in a bubble against a server with the streams of a topology. Nil is the
// topology of the suite.
func Run(t *testing.T, services topology.Topology, test func(t *testing.T, s *bus.Server)) {
	t.Helper()
	Bubble(t, func(t *testing.T) {
		s := Start(t, services)
		if services == nil {
			services = topology.Suite()
		}
		require.NoError(t, bus.Provision(t.Context(), s.ConnectAdmin, services, 1))
		test(t, s)
	})
}
