package api

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"

	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/services/network/internal/network"
)

func TestEverySecurityGroupHasAFieldInTheStatus(t *testing.T) {
	t.Parallel()
	n := &networkv1.Network{
		Spec:   &networkv1.NetworkSpec{Access: &networkv1.NetworkAccess{Bastion: true}},
		Status: &networkv1.NetworkStatus{Zones: []*networkv1.Zone{{Name: "eu-central-1a"}}},
	}
	spec, err := parseSpec(n.GetSpec(), zoneNames(n))
	require.NoError(t, err)
	entries := make(map[string]graph.Entry)
	roles := make(map[string]bool)
	for _, name := range network.Resources(spec, nil, session.Owner{}).Names() {
		if role, ok := strings.CutPrefix(name, "security-group/"); ok {
			entries[name] = graph.Entry{ID: "sg-" + role, State: graph.Ready}
			roles[role] = true
		}
	}

	render(n, entries)

	groups := n.GetStatus().GetSecurityGroups().ProtoReflect()
	fields := groups.Descriptor().Fields()
	require.Equal(t, len(roles), fields.Len())
	for i := range fields.Len() {
		role := strings.ReplaceAll(string(fields.Get(i).Name()), "_", "-")
		require.Equal(t, "sg-"+role, groups.Get(fields.Get(i)).String())
	}
}
