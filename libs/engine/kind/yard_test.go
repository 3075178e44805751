package kind_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/kind"
	"github.com/skep-dev/skep/libs/engine/store"
)

// yard is where boxes stand: a cloud small enough to see.
type yard struct {
	mu      sync.Mutex
	boxes   map[string]string // Tokens by id.
	looks   int
	usual   graph.Latency
	ready   time.Time // Before it, no box is ready.
	creates func(name string) error
	acted   func(name string)
	deletes func(id string) error
}

// box is a thing that is found by its token.
type box struct {
	graph.Node
	yard  *yard
	name  string
	needs []graph.Resource
}

func (b *box) Name() string            { return b.name }
func (b *box) Needs() []graph.Resource { return b.needs }
func (b *box) Usual() graph.Latency    { return b.yard.usual }

func (b *box) Observe(context.Context) (graph.State, error) {
	b.yard.mu.Lock()
	defer b.yard.mu.Unlock()
	b.yard.looks++
	for id, token := range b.yard.boxes {
		if id == b.ID() || b.ID() == "" && token == b.Token() {
			b.SetID(id)
			if time.Now().Before(b.yard.ready) {
				return graph.Pending, nil
			}
			return graph.Ready, nil
		}
	}
	return graph.Absent, nil
}

func (b *box) Create(context.Context) (graph.State, error) {
	if b.yard.creates != nil {
		if err := b.yard.creates(b.name); err != nil {
			return graph.Absent, err
		}
	}
	b.yard.mu.Lock()
	b.yard.boxes["id of "+b.name] = b.Token()
	b.yard.mu.Unlock()
	b.SetID("id of " + b.name)
	if b.yard.acted != nil {
		b.yard.acted(b.name)
	}
	if b.yard.usual.Ready > 0 {
		return graph.Pending, nil
	}
	return graph.Ready, nil
}

func (b *box) Delete(context.Context) error {
	if b.yard.deletes != nil {
		if err := b.yard.deletes(b.ID()); err != nil {
			return err
		}
	}
	b.yard.mu.Lock()
	defer b.yard.mu.Unlock()
	delete(b.yard.boxes, b.ID())
	return nil
}

// reconciler keeps a network that is a vpc and as many subnets in it as its
// specification has zones, and one address more if it has NAT gateways.
func reconciler(bucket *store.Bucket, y *yard) *kind.Reconciler[*networkv1.Network] {
	empty := func() graph.Resource { return &box{yard: y} }
	return &kind.Reconciler[*networkv1.Network]{
		Noun: kind.Networks, Bucket: bucket, Survey: 10 * time.Minute,
		Stages: []kind.Stage{
			{Type: "VpcReady", Kinds: []string{"vpc"}}, {Type: "SubnetsReady", Kinds: []string{"subnet"}},
			{Type: "NatGatewaysReady", Kinds: []string{"address"}},
		},
		Graph: func(_ context.Context, r *networkv1.Network) (*graph.Graph, error) {
			g := new(graph.Graph)
			vpc := graph.Add(g, &box{yard: y, name: "vpc"})
			for i := range r.GetSpec().GetVpc().GetZones() {
				graph.Add(g, &box{yard: y, name: fmt.Sprintf("subnet/%d", i), needs: []graph.Resource{vpc}})
			}
			if r.GetSpec().GetVpc().GetEgress() == networkv1.ManagedVpc_NAT_SINGLE {
				graph.Add(g, &box{yard: y, name: "address/0"})
			}
			return g, nil
		},
		Kinds: func(context.Context, *networkv1.Network) (graph.Kinds, error) {
			return graph.Kinds{"vpc": empty, "subnet": empty, "address": empty}, nil
		},
	}
}

func newYard() *yard { return &yard{boxes: make(map[string]string)} }
