package identity_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"
	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"

	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/bus"
	"github.com/skep-dev/skep/libs/platform/topology"
	"github.com/skep-dev/skep/services/identity/internal/api"
)

// BenchmarkSharedDraw measures single and concurrent draws from an API budget, each of which the identity
// service stores, and for comparison one compare-and-swap of a record of the same size. It uses NATS with file
// storage.
func BenchmarkSharedDraw(b *testing.B) {
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	nats, err := bus.Start(ctx, bus.Options{Dir: b.TempDir()})
	require.NoError(b, err)
	defer nats.Close()
	require.NoError(b, bus.Provision(ctx, nats.ConnectAdmin, topology.Suite(), 1))
	conn, err := nats.Connect("identity")
	require.NoError(b, err)
	defer conn.Close()
	bucket, err := store.Open(ctx, conn, bus.Budgets, store.Options{})
	require.NoError(b, err)
	stopped := make(chan error, 1)
	go func() { stopped <- bucket.Run(ctx) }()
	defer func() {
		cancel()
		require.NoError(b, <-stopped)
	}()
	require.NoError(b, bucket.Synced(ctx))
	// With this time scale the bucket always has a token.
	budgets := &api.Budgets{Bucket: bucket, Accounts: bucket, TimeScale: 1e6}
	draw := func() error {
		_, err := budgets.Draw(ctx, &identityv1.DrawBudgetRequest{
			Budget: "installation/budgets/eu-central-1-ec2", Family: "CreateVpc", Service: "network", Replica: "one",
			Tokens: 1, Owners: []string{"organizations/demo/networks/orchid"}, WaitingCount: 1,
		})
		return err
	}
	b.Run("one", func(b *testing.B) {
		for b.Loop() {
			require.NoError(b, draw())
		}
	})
	b.Run("many", func(b *testing.B) {
		b.SetParallelism(32)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if err := draw(); err != nil {
					b.Error(err)
				}
			}
		})
	})
	b.Run("compare-and-swap", func(b *testing.B) {
		record, ok := bucket.Get("installation/budgets/eu-central-1-ec2")
		require.True(b, ok)
		revision := uint64(0)
		for b.Loop() {
			revision, err = bucket.Put(ctx, "beside", &recordv1.Record{Resource: record.GetResource()}, revision)
			require.NoError(b, err)
		}
	})
}
