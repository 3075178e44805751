package reconciler_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"
	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/reconciler"
	"github.com/skep-dev/skep/libs/engine/store"
)

// fakeCloud is where boxes stand: a cloud small enough to see.
type fakeCloud struct {
	mu          sync.Mutex
	tokens      map[string]string // Tokens by id.
	observes    int
	latency     graph.Latency
	readyAt     time.Time // Before it, no box is ready.
	onCreate    func(name string) error
	afterCreate func(name string)
	onDelete    func(id string) error
}

// fakeResource is a thing that is found by its token.
type fakeResource struct {
	graph.Node
	cloud *fakeCloud
	name  string
	needs []graph.Resource
}

func (b *fakeResource) Name() string                   { return b.name }
func (b *fakeResource) Needs() []graph.Resource        { return b.needs }
func (b *fakeResource) ExpectedLatency() graph.Latency { return b.cloud.latency }

func (b *fakeResource) Observe(context.Context) (graph.State, error) {
	b.cloud.mu.Lock()
	defer b.cloud.mu.Unlock()
	b.cloud.observes++
	for id, token := range b.cloud.tokens {
		if id == b.ID() || b.ID() == "" && token == b.Token() {
			b.SetID(id)
			if time.Now().Before(b.cloud.readyAt) {
				return graph.Pending, nil
			}
			return graph.Ready, nil
		}
	}
	return graph.Absent, nil
}

func (b *fakeResource) Create(context.Context) (graph.State, error) {
	if b.cloud.onCreate != nil {
		if err := b.cloud.onCreate(b.name); err != nil {
			return graph.Absent, err
		}
	}
	b.cloud.mu.Lock()
	b.cloud.tokens["id of "+b.name] = b.Token()
	b.cloud.mu.Unlock()
	b.SetID("id of " + b.name)
	if b.cloud.afterCreate != nil {
		b.cloud.afterCreate(b.name)
	}
	if b.cloud.latency.Ready > 0 {
		return graph.Pending, nil
	}
	return graph.Ready, nil
}

func (b *fakeResource) Delete(context.Context) error {
	if b.cloud.onDelete != nil {
		if err := b.cloud.onDelete(b.ID()); err != nil {
			return err
		}
	}
	b.cloud.mu.Lock()
	defer b.cloud.mu.Unlock()
	delete(b.cloud.tokens, b.ID())
	return nil
}

// newReconciler keeps a network that is a vpc and as many subnets in it as its
// specification has zones, and one address more if it has NAT gateways.
func newReconciler(bucket *store.Bucket, y *fakeCloud) *reconciler.Reconciler[*networkv1.Network] {
	empty := func() graph.Resource { return &fakeResource{cloud: y} }
	return &reconciler.Reconciler[*networkv1.Network]{
		Type: object.Networks, Bucket: bucket, ResyncPeriod: 10 * time.Minute,
		Stages: []reconciler.Stage{
			{Type: "VpcReady", ResourceTypes: []string{"vpc"}}, {Type: "SubnetsReady", ResourceTypes: []string{"subnet"}},
			{Type: "NatGatewaysReady", ResourceTypes: []string{"address"}},
		},
		Graph: func(_ context.Context, r *networkv1.Network, _ *recordv1.Record) (*graph.Graph, error) {
			g := new(graph.Graph)
			vpc := graph.Add(g, &fakeResource{cloud: y, name: "vpc"})
			for i := range r.GetSpec().GetVpc().GetZones() {
				graph.Add(g, &fakeResource{cloud: y, name: fmt.Sprintf("subnet/%d", i), needs: []graph.Resource{vpc}})
			}
			if r.GetSpec().GetVpc().GetEgress() == networkv1.ManagedVpc_NAT_SINGLE {
				graph.Add(g, &fakeResource{cloud: y, name: "address/0"})
			}
			return g, nil
		},
		Factories: func(context.Context, *networkv1.Network) (graph.Factories, error) {
			return graph.Factories{"vpc": empty, "subnet": empty, "address": empty}, nil
		},
	}
}

func newFakeCloud() *fakeCloud { return &fakeCloud{tokens: make(map[string]string)} }

// prepareFirst lets prepare run before the graph is built.
func prepareFirst(k *reconciler.Reconciler[*networkv1.Network], prepare func(ctx context.Context) error) {
	build := k.Graph
	k.Graph = func(ctx context.Context, r *networkv1.Network, record *recordv1.Record) (*graph.Graph, error) {
		if err := prepare(ctx); err != nil {
			return nil, err
		}
		return build(ctx, r, record)
	}
}
