package kind_test

import (
	"context"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats-server/v2/server/ats"
	"github.com/stretchr/testify/require"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"

	"github.com/skep-dev/skep/libs/engine/kind"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/bus"
)

// The clock goroutine of the server belongs to the process: it is started
// outside of every bubble.
func TestMain(m *testing.M) {
	ats.Register()
	code := m.Run()
	ats.Unregister()
	os.Exit(code)
}

// topology is one service.
var topology = bus.Topology{{Name: "network", Bucket: "network"}}

// bench is the bucket of one service in a bubble.
type bench struct {
	server *bus.Server
	bucket *store.Bucket
	// fault is called at every write of the bucket, if it is set.
	fault func(op, key string, after bool) error
	puts  int
}

// inBubble runs a test in virtual time against a real store.
func inBubble(t *testing.T, test func(t *testing.T, b *bench)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s, err := bus.Start(t.Context(), bus.Options{Dir: dir, Topology: topology})
		require.NoError(t, err)
		t.Cleanup(func() {
			s.Close()
			time.Sleep(time.Minute) // Goroutines of the server that outlive it wait for a timer of theirs.
		})
		require.NoError(t, bus.Provision(t.Context(), s.ConnectAdmin, topology, 1))
		b := &bench{server: s}
		b.bucket = b.open(t, store.Options{Fault: func(op, key string, after bool) error {
			if after {
				b.puts++
			}
			if b.fault == nil {
				return nil
			}
			return b.fault(op, key, after)
		}})
		test(t, b)
	})
}

// open opens the bucket once more, as another replica would.
func (b *bench) open(t *testing.T, o store.Options) *store.Bucket {
	t.Helper()
	nc, err := b.server.Connect("network")
	require.NoError(t, err)
	bucket, err := store.Open(t.Context(), nc, "network", o)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = bucket.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
		nc.Close()
	})
	require.NoError(t, bucket.Synced(ctx))
	return bucket
}

func (b *bench) networks() *kind.Collection[*networkv1.Network] {
	return &kind.Collection[*networkv1.Network]{Noun: kind.Networks, Bucket: b.bucket}
}

const (
	name = "organizations/acme/networks/orchid"
	key  = "networks/acme/orchid"
)

// wanted is a network as a client declares it.
func wanted() *networkv1.Network { return called(name) }

func called(name string) *networkv1.Network {
	return &networkv1.Network{Name: name, Labels: map[string]string{"tier": "gold"}, Spec: &networkv1.NetworkSpec{
		Account: "organizations/acme/accounts/main", Region: "eu-central-1",
		Vpc: &networkv1.ManagedVpc{Cidr: "10.0.0.0/16", Zones: 3, Egress: networkv1.ManagedVpc_NAT_PER_ZONE},
	}}
}
