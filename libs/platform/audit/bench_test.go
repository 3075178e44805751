package audit_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/platform/audit"
	"github.com/skep-dev/skep/libs/platform/bus"
	"github.com/skep-dev/skep/libs/platform/topology"
)

// BenchmarkBegin is the time that a mutating call waits for its line, alone and in a wave of 32 calls, with a server
// in the process that syncs every write.
func BenchmarkBegin(b *testing.B) {
	server, err := bus.Start(b.Context(), bus.Options{Dir: b.TempDir()})
	require.NoError(b, err)
	b.Cleanup(server.Close)
	require.NoError(b, bus.Provision(b.Context(), server.ConnectAdmin, topology.Suite(), 1))
	conn, err := server.Connect("network")
	require.NoError(b, err)
	b.Cleanup(conn.Close)
	log, err := audit.Open(conn, audit.Origin{Installation: "test", Service: "network", Replica: "one", Principal: "skep-network"})
	require.NoError(b, err)
	for name, wave := range map[string]int{"alone": 1, "in a wave of 32": 32} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				var calls sync.WaitGroup
				for range wave {
					calls.Go(func() {
						end, err := log.Begin(b.Context(), audit.Line{API: "EC2", Operation: "CreateSubnet"})
						if err != nil {
							b.Error(err)
							return
						}
						end(audit.Line{API: "EC2", Operation: "CreateSubnet", Outcome: audit.Done})
					})
				}
				calls.Wait()
			}
		})
	}
}
