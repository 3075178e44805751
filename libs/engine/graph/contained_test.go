package graph_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/engine/graph"
)

// tenant is a machine that goes with another.
type tenant struct {
	machine
	landlord string
	holds    bool
}

func (t *tenant) Container() (kind string, holds bool) { return t.landlord, t.holds }

func TestWhatIsContainedGoesWithItsContainerWithoutACall(t *testing.T) {
	t.Parallel()
	ready := func(name string, needs ...string) graph.Entry {
		return graph.Entry{Name: name, ID: name, Needs: needs, State: graph.Ready}
	}
	tests := map[string]struct {
		entries []graph.Entry
		tenants map[string]*tenant
		calls   []string
	}{
		"a route goes with its table, and what it leads to need not wait": {
			entries: []graph.Entry{ready("table"), ready("exit"), ready("route", "table", "exit")},
			tenants: map[string]*tenant{"route": {landlord: "table"}},
			calls:   []string{"delete exit", "delete table"},
		},
		"a rule goes with its group, and the group that it names waits": {
			entries: []graph.Entry{ready("named"), ready("group"), ready("rules", "group", "named")},
			tenants: map[string]*tenant{"rules": {landlord: "group", holds: true}},
			calls:   []string{"delete group", "delete named"},
		},
		"of rules that name each other's groups one set is deleted by itself": {
			entries: []graph.Entry{ready("group/one"), ready("group/two"), ready("rules/one", "group/one", "group/two"), ready("rules/two", "group/two", "group/one")},
			tenants: map[string]*tenant{"rules": {landlord: "group", holds: true}},
			calls:   []string{"delete rules/two", "delete group/one", "delete group/two"},
		},
		"what needed the contained goes before the container": {
			entries: []graph.Entry{ready("box"), ready("label", "box"), ready("reader", "label")},
			tenants: map[string]*tenant{"label": {landlord: "box"}},
			calls:   []string{"delete reader", "delete box"},
		},
		"what lost its container to an earlier pass is deleted by itself": {
			entries: []graph.Entry{ready("route", "table")},
			tenants: map[string]*tenant{"route": {landlord: "table"}},
			calls:   []string{"delete route"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, c *cloud) {
				all := kinds(c, 0)
				for _, e := range test.entries {
					kind := graph.TypeOf(e.Name)
					all[kind] = func() graph.Resource { return &machine{cloud: c} }
					if lodger := test.tenants[kind]; lodger != nil {
						all[kind] = func() graph.Resource {
							return &tenant{machine: machine{cloud: c}, landlord: lodger.landlord, holds: lodger.holds}
						}
					}
				}
				c.answer = time.Second
				ledger := newMemory(test.entries...)
				require.True(t, graph.Walk{Ledger: ledger, Factories: all}.Delete(t.Context()).Settled())
				require.ElementsMatch(t, test.calls, c.told())
				require.Empty(t, ledger.Entries())
			})
		})
	}
}

func TestWhatIsContainedIsDeletedByItselfWhenItsContainerStays(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *cloud) {
		ledger := newMemory()
		g := new(graph.Graph)
		table := graph.Add(g, &machine{cloud: c, name: "table"})
		graph.Add(g, &tenant{machine: machine{cloud: c, name: "route", needs: []graph.Resource{table}}, landlord: "table"})
		require.True(t, g.Ensure(t.Context(), graph.Walk{Ledger: ledger}).Settled())
		c.told()

		less := new(graph.Graph)
		graph.Add(less, &machine{cloud: c, name: "table"})
		all := graph.Factories{"route": func() graph.Resource { return &tenant{machine: machine{cloud: c}, landlord: "table"} }}
		require.True(t, less.Ensure(t.Context(), graph.Walk{Ledger: ledger, Factories: all}).Settled())
		require.Equal(t, []string{"delete route#2"}, c.told())
	})
}
