package graph_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/engine/graph"
)

// plainResource is a resource that is ready at once.
type plainResource struct {
	graph.Node
	name  string
	needs []graph.Resource
}

func (r *plainResource) Name() string            { return r.name }
func (r *plainResource) Needs() []graph.Resource { return r.needs }
func (r *plainResource) Observe(context.Context) (graph.State, error) {
	if r.ID() == "" {
		return graph.Absent, nil
	}
	return graph.Ready, nil
}

func (r *plainResource) Create(context.Context) (graph.State, error) {
	r.SetID("id of " + r.name)
	return graph.Ready, nil
}
func (r *plainResource) Delete(context.Context) error { return nil }

// graphWithDependency returns a graph of a vpc and a subnet that also needs a dependency.
func graphWithDependency(provided string) *graph.Graph {
	g := new(graph.Graph)
	key := graph.Add(g, &graph.Dependency{Key: "key", Provider: "network orchid", Value: provided})
	vpc := graph.Add(g, &plainResource{name: "vpc"})
	graph.Add(g, &plainResource{name: "subnet", needs: []graph.Resource{vpc, key}})
	return g
}

func TestADependencyBlocksOnlyItsDependents(t *testing.T) {
	t.Parallel()
	ledger := graph.NewMemory("test")
	report := graphWithDependency("").Ensure(t.Context(), graph.Walk{Ledger: ledger})
	require.Equal(t, "waiting   dependency/key\nchanged   vpc\nblocked   subnet\n", report.String())
	require.Equal(t, "is not provided yet by network orchid", report[0].Message)
	require.Zero(t, report.RequeueAfter(), "only an event helps")

	report = graphWithDependency("value").Ensure(t.Context(), graph.Walk{Ledger: ledger})
	require.Equal(t, "unchanged dependency/key\nunchanged vpc\nchanged   subnet\n", report.String())
	require.True(t, report.Settled())
}

func TestADependencyIsNeverRecordedPlannedOrDeleted(t *testing.T) {
	t.Parallel()
	g, ledger := graphWithDependency("value"), graph.NewMemory("test")
	require.Equal(t, []string{"vpc", "subnet"}, g.Names())
	actions, err := g.Plan(t.Context(), graph.Walk{Ledger: ledger})
	require.NoError(t, err)
	require.Equal(t, []graph.Action{
		{Verb: graph.Create, Name: "vpc"},
		{Verb: graph.Create, Name: "subnet", Needs: []string{"vpc"}},
	}, actions)

	require.True(t, g.Ensure(t.Context(), graph.Walk{Ledger: ledger}).Settled())
	require.Len(t, ledger.Entries(), 2)
	factories := graph.Factories{
		"vpc":    func() graph.Resource { return &plainResource{} },
		"subnet": func() graph.Resource { return &plainResource{} },
	}
	report := graph.Walk{Ledger: ledger, Factories: factories}.Delete(t.Context())
	require.Equal(t, "changed   subnet\nchanged   vpc\n", report.String())
	require.Empty(t, ledger.Entries())
}
