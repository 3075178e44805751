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

// fakeAWS is AWS in memory.
type fakeAWS struct {
	mu          sync.Mutex
	tokens      map[string]string // The tokens of the existing resources, by id.
	observes    int
	latency     graph.Latency
	readyAt     time.Time // Before it, no resource is ready.
	onCreate    func(name string) error
	afterCreate func(name string)
	onDelete    func(id string) error
}

// fakeResource is a resource that Observe finds by id or token.
type fakeResource struct {
	graph.Node
	aws   *fakeAWS
	name  string
	needs []graph.Resource
}

func (r *fakeResource) Name() string                   { return r.name }
func (r *fakeResource) Needs() []graph.Resource        { return r.needs }
func (r *fakeResource) ExpectedLatency() graph.Latency { return r.aws.latency }

func (r *fakeResource) Observe(context.Context) (graph.State, error) {
	r.aws.mu.Lock()
	defer r.aws.mu.Unlock()
	r.aws.observes++
	for id, token := range r.aws.tokens {
		if id == r.ID() || r.ID() == "" && token == r.Token() {
			r.SetID(id)
			if time.Now().Before(r.aws.readyAt) {
				return graph.Pending, nil
			}
			return graph.Ready, nil
		}
	}
	return graph.Absent, nil
}

func (r *fakeResource) Create(context.Context) (graph.State, error) {
	if r.aws.onCreate != nil {
		if err := r.aws.onCreate(r.name); err != nil {
			return graph.Absent, err
		}
	}
	r.aws.mu.Lock()
	r.aws.tokens["id of "+r.name] = r.Token()
	r.aws.mu.Unlock()
	r.SetID("id of " + r.name)
	if r.aws.afterCreate != nil {
		r.aws.afterCreate(r.name)
	}
	if r.aws.latency.Ready > 0 {
		return graph.Pending, nil
	}
	return graph.Ready, nil
}

func (r *fakeResource) Delete(context.Context) error {
	if r.aws.onDelete != nil {
		if err := r.aws.onDelete(r.ID()); err != nil {
			return err
		}
	}
	r.aws.mu.Lock()
	defer r.aws.mu.Unlock()
	delete(r.aws.tokens, r.ID())
	return nil
}

// newReconciler returns a reconciler of networks that consist of a vpc, one subnet for each zone of
// the spec, and an address if the spec has NAT gateways.
func newReconciler(bucket *store.Bucket, aws *fakeAWS) *reconciler.Reconciler[*networkv1.Network] {
	empty := func() graph.Resource { return &fakeResource{aws: aws} }
	return &reconciler.Reconciler[*networkv1.Network]{
		Type: object.Networks, Bucket: bucket, ResyncPeriod: 10 * time.Minute,
		Stages: []reconciler.Stage{
			{Type: "VpcReady", ResourceTypes: []string{"vpc"}}, {Type: "SubnetsReady", ResourceTypes: []string{"subnet"}},
			{Type: "NatGatewaysReady", ResourceTypes: []string{"address"}},
		},
		BuildGraph: func(_ context.Context, r *networkv1.Network, _ *recordv1.Record) (*graph.Graph, error) {
			g := new(graph.Graph)
			vpc := graph.Add(g, &fakeResource{aws: aws, name: "vpc"})
			for i := range r.GetSpec().GetVpc().GetZones() {
				graph.Add(g, &fakeResource{aws: aws, name: fmt.Sprintf("subnet/%d", i), needs: []graph.Resource{vpc}})
			}
			if r.GetSpec().GetVpc().GetEgress() == networkv1.ManagedVpc_NAT_SINGLE {
				graph.Add(g, &fakeResource{aws: aws, name: "address/0"})
			}
			return g, nil
		},
		Factories: func(context.Context, *networkv1.Network) (graph.Factories, error) {
			return graph.Factories{"vpc": empty, "subnet": empty, "address": empty}, nil
		},
	}
}

func newFakeAWS() *fakeAWS { return &fakeAWS{tokens: make(map[string]string)} }

// prepareFirst runs prepare before the graph is built.
func prepareFirst(rec *reconciler.Reconciler[*networkv1.Network], prepare func(ctx context.Context) error) {
	build := rec.BuildGraph
	rec.BuildGraph = func(ctx context.Context, r *networkv1.Network, record *recordv1.Record) (*graph.Graph, error) {
		if err := prepare(ctx); err != nil {
			return nil, err
		}
		return build(ctx, r, record)
	}
}
