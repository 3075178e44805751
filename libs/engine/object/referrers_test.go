package object_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	computev1 "github.com/skep-dev/skep/proto/gen/go/skep/compute/v1"
	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"
	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"
	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/engine/internal/enginetest"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/store"
)

func TestClusterOfReturnsTheClusterOrTheOwner(t *testing.T) {
	owner := &typev1.ClusterReference{Name: "organizations/acme/clusters/orchid", Uid: "u"}
	for name, test := range map[string]struct {
		obj     object.Object
		cluster string
	}{
		"a cluster": {&clusterv1.Cluster{Name: "organizations/acme/clusters/orchid", Spec: &clusterv1.ClusterSpec{}}, "organizations/acme/clusters/orchid"},
		"a component": {&computev1.NodePool{Name: "organizations/acme/nodePools/a", Spec: &computev1.NodePoolSpec{
			Cluster: owner, Network: "organizations/acme/networks/orchid"}}, "organizations/acme/clusters/orchid"},
		"a released network with remaining resources": {&networkv1.Network{Name: "organizations/acme/networks/a", Spec: &networkv1.NetworkSpec{},
			Status: &networkv1.NetworkStatus{Tenant: &networkv1.Tenant{Cluster: owner}}}, "organizations/acme/clusters/orchid"},
		"a standalone component":      {&computev1.NodePool{Name: "organizations/acme/nodePools/a", Spec: &computev1.NodePoolSpec{}}, ""},
		"a component without a spec":  {&computev1.NodePool{Name: "organizations/acme/nodePools/a"}, ""},
		"an object without a cluster": {&identityv1.Account{Name: "organizations/acme/accounts/a", Spec: &identityv1.AccountSpec{}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			record := new(recordv1.Record)
			require.NoError(t, object.Pack(record, test.obj))
			require.Equal(t, test.cluster, object.ClusterOf(store.Record{Record: record}))
		})
	}
	require.Empty(t, object.ClusterOf(store.Record{Record: new(recordv1.Record)}), "a record without an object")
}

func TestReferrersAreFoundWhileTheyReferenceTheObject(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		put := func(key string, r object.Object) {
			record, revision := new(recordv1.Record), uint64(0)
			if existing, ok := b.Bucket.Get(key); ok {
				revision = existing.Revision
			}
			require.NoError(t, object.Pack(record, r))
			_, err := b.Bucket.Put(t.Context(), key, record, revision)
			require.NoError(t, err)
		}
		pool := func(network string) *computev1.NodePool {
			return &computev1.NodePool{Name: "organizations/acme/nodePools/a", Spec: &computev1.NodePoolSpec{Network: network, Pool: "a"}}
		}
		referrers := &object.Referrers{Bucket: b.Bucket, Field: "network"}

		put("nodePools/acme/a", pool("organizations/acme/networks/one"))
		put("accounts/acme/a", &identityv1.Account{Name: "organizations/acme/accounts/a", Spec: &identityv1.AccountSpec{}})
		require.Equal(t, []string{"nodePools/acme/a"}, referrers.Keys("organizations/acme/networks/one"))
		put("nodePools/acme/a", pool("organizations/acme/networks/two"))
		require.Empty(t, referrers.Keys("organizations/acme/networks/one"))
		require.Equal(t, []string{"nodePools/acme/a"}, referrers.Keys("organizations/acme/networks/two"))
	})
}
