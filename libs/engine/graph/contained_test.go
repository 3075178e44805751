package graph_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/engine/graph"
)

// containedResource is a resource that AWS deletes with its container.
type containedResource struct {
	fakeResource
	container string
	holds     bool
}

func (r *containedResource) Container() (resourceType string, holds bool) {
	return r.container, r.holds
}

func TestAContainedResourceNeedsNoDeleteCall(t *testing.T) {
	t.Parallel()
	ready := func(name string, needs ...string) graph.Entry {
		return graph.Entry{Name: name, ID: name, Needs: needs, State: graph.Ready}
	}
	tests := map[string]struct {
		entries   []graph.Entry
		contained map[string]*containedResource
		calls     []string
	}{
		"a route is deleted with its table, and its target need not wait": {
			entries:   []graph.Entry{ready("table"), ready("exit"), ready("route", "table", "exit")},
			contained: map[string]*containedResource{"route": {container: "table"}},
			calls:     []string{"delete exit", "delete table"},
		},
		"a rule is deleted with its group, and the other group waits": {
			entries:   []graph.Entry{ready("named"), ready("group"), ready("rules", "group", "named")},
			contained: map[string]*containedResource{"rules": {container: "group", holds: true}},
			calls:     []string{"delete group", "delete named"},
		},
		"one set of mutual rules is deleted by a call": {
			entries:   []graph.Entry{ready("group/one"), ready("group/two"), ready("rules/one", "group/one", "group/two"), ready("rules/two", "group/two", "group/one")},
			contained: map[string]*containedResource{"rules": {container: "group", holds: true}},
			calls:     []string{"delete rules/two", "delete group/one", "delete group/two"},
		},
		"dependents of a contained resource are deleted before the container": {
			entries:   []graph.Entry{ready("vpc"), ready("label", "vpc"), ready("reader", "label")},
			contained: map[string]*containedResource{"label": {container: "vpc"}},
			calls:     []string{"delete reader", "delete vpc"},
		},
		"a contained resource without its container is deleted by a call": {
			entries:   []graph.Entry{ready("route", "table")},
			contained: map[string]*containedResource{"route": {container: "table"}},
			calls:     []string{"delete route"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
				all := factories(c, 0)
				for _, e := range test.entries {
					resourceType := graph.TypeOf(e.Name)
					all[resourceType] = func() graph.Resource { return &fakeResource{aws: c} }
					if spec := test.contained[resourceType]; spec != nil {
						all[resourceType] = func() graph.Resource {
							return &containedResource{fakeResource: fakeResource{aws: c}, container: spec.container, holds: spec.holds}
						}
					}
				}
				c.answer = time.Second
				ledger := newLedger(test.entries...)
				require.True(t, graph.Walk{Ledger: ledger, Factories: all}.Delete(t.Context()).Settled())
				require.ElementsMatch(t, test.calls, c.takeCalls())
				require.Empty(t, ledger.Entries())
			})
		})
	}
}

func TestAContainedResourceIsDeletedIfItsContainerStays(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
		ledger := newLedger()
		g := new(graph.Graph)
		table := graph.Add(g, &fakeResource{aws: c, name: "table"})
		graph.Add(g, &containedResource{fakeResource: fakeResource{aws: c, name: "route", needs: []graph.Resource{table}}, container: "table"})
		require.True(t, g.Ensure(t.Context(), graph.Walk{Ledger: ledger}).Settled())
		c.takeCalls()

		less := new(graph.Graph)
		graph.Add(less, &fakeResource{aws: c, name: "table"})
		all := graph.Factories{"route": func() graph.Resource {
			return &containedResource{fakeResource: fakeResource{aws: c}, container: "table"}
		}}
		require.True(t, less.Ensure(t.Context(), graph.Walk{Ledger: ledger, Factories: all}).Settled())
		require.Equal(t, []string{"delete route#2"}, c.takeCalls())
	})
}
