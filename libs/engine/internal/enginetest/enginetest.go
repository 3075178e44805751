// Package enginetest runs the tests of libs/engine in virtual time against a real store: a NATS
// server with one bucket of networks.
//
// Only tests of libs/engine import it.
package enginetest

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"

	"github.com/skep-dev/skep/libs/engine/collection"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/bus"
	"github.com/skep-dev/skep/libs/platform/bus/bustest"
	"github.com/skep-dev/skep/libs/platform/topology"
)

// oneService has one service.
var oneService = topology.Topology{{Name: "network", Bucket: "network"}}

// Bench is a NATS server and the bucket of one service on it.
type Bench struct {
	Server *bus.Server
	Bucket *store.Bucket
	// Fault, if set, is called before and after every write of the bucket; its error
	// becomes the result of the write.
	Fault func(op, key string, after bool) error
	// Puts is the number of writes to the bucket.
	Puts int
}

// Run runs test in virtual time against a real store.
func Run(t *testing.T, test func(t *testing.T, b *Bench)) {
	t.Helper()
	bustest.Run(t, oneService, func(t *testing.T, s *bus.Server) {
		b := &Bench{Server: s}
		b.Bucket = b.Open(t, store.Options{Fault: func(op, key string, after bool) error {
			if after {
				b.Puts++
			}
			if b.Fault == nil {
				return nil
			}
			return b.Fault(op, key, after)
		}})
		test(t, b)
	})
}

// Open opens the bucket again, as another replica would. It is closed when the test ends.
func (b *Bench) Open(t *testing.T, o store.Options) *store.Bucket {
	t.Helper()
	nc, err := b.Server.Connect("network")
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

// Networks returns the collection of networks in the bucket.
func (b *Bench) Networks() *collection.Collection[*networkv1.Network] {
	return &collection.Collection[*networkv1.Network]{Type: object.Networks, Bucket: b.Bucket}
}

// The name and the key of the network of most tests.
const (
	Name = "organizations/acme/networks/orchid"
	Key  = "networks/acme/orchid"
)

// Network returns the desired network under Name.
func Network() *networkv1.Network { return NetworkNamed(Name) }

// NetworkNamed returns the same desired network under another name.
func NetworkNamed(name string) *networkv1.Network {
	return &networkv1.Network{Name: name, Labels: map[string]string{"tier": "gold"}, Spec: &networkv1.NetworkSpec{
		Account: "organizations/acme/accounts/main", Region: "eu-central-1",
		Vpc: &networkv1.ManagedVpc{Cidr: "10.0.0.0/16", Zones: 3, Egress: networkv1.ManagedVpc_NAT_PER_ZONE},
	}}
}

// SetTier applies the network with this id and the label `tier`.
func SetTier(t *testing.T, c *collection.Collection[*networkv1.Network], id, tier string) {
	t.Helper()
	n := NetworkNamed("organizations/acme/networks/" + id)
	n.Labels["tier"] = tier
	_, err := c.Apply(t.Context(), n, false)
	require.NoError(t, err)
}
