package graph_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/engine/graph"
)

// parcel is a thing that is made at once, of what it needs.
type parcel struct {
	graph.Node
	name  string
	needs []graph.Resource
}

func (p *parcel) Name() string            { return p.name }
func (p *parcel) Needs() []graph.Resource { return p.needs }
func (p *parcel) Observe(context.Context) (graph.State, error) {
	if p.ID() == "" {
		return graph.Absent, nil
	}
	return graph.Ready, nil
}

func (p *parcel) Create(context.Context) (graph.State, error) {
	p.SetID("id of " + p.name)
	return graph.Ready, nil
}
func (p *parcel) Delete(context.Context) error { return nil }

// house is a graph of which one thing needs what a neighbour provides.
func house(provided string) *graph.Graph {
	g := new(graph.Graph)
	key := graph.Add(g, &graph.Dependency{Key: "key", Provider: "the neighbour", Value: provided})
	wall := graph.Add(g, &parcel{name: "wall"})
	graph.Add(g, &parcel{name: "door", needs: []graph.Resource{wall, key}})
	return g
}

func TestWhatIsAwaitedStopsOnlyWhatNeedsIt(t *testing.T) {
	t.Parallel()
	ledger := graph.NewMemory("test")
	report := house("").Ensure(t.Context(), graph.Walk{Ledger: ledger})
	require.Equal(t, "waiting   dependency/key\nchanged   wall\nblocked   door\n", report.String())
	require.Equal(t, "is not provided yet by the neighbour", report[0].Message)
	require.Zero(t, report.RequeueAfter(), "only an event helps")

	report = house("iron").Ensure(t.Context(), graph.Walk{Ledger: ledger})
	require.Equal(t, "unchanged dependency/key\nunchanged wall\nchanged   door\n", report.String())
	require.True(t, report.Settled())
}

func TestWhatIsAwaitedIsNeitherRememberedNorPlannedNorDeleted(t *testing.T) {
	t.Parallel()
	g, ledger := house("iron"), graph.NewMemory("test")
	require.Equal(t, []string{"wall", "door"}, g.Names())
	actions, err := g.Plan(t.Context(), graph.Walk{Ledger: ledger})
	require.NoError(t, err)
	require.Equal(t, []graph.Action{
		{Verb: graph.Create, Name: "wall"},
		{Verb: graph.Create, Name: "door", Needs: []string{"wall"}},
	}, actions)

	require.True(t, g.Ensure(t.Context(), graph.Walk{Ledger: ledger}).Settled())
	require.Len(t, ledger.Entries(), 2)
	kinds := graph.Factories{
		"wall": func() graph.Resource { return &parcel{} },
		"door": func() graph.Resource { return &parcel{} },
	}
	report := graph.Walk{Ledger: ledger, Factories: kinds}.Delete(t.Context())
	require.Equal(t, "changed   door\nchanged   wall\n", report.String())
	require.Empty(t, ledger.Entries())
}
