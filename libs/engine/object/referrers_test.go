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

func TestTheClusterOfARecordIsItselfOrTheOneItBelongsTo(t *testing.T) {
	belongs := &typev1.ClusterReference{Name: "organizations/acme/clusters/orchid", Uid: "u"}
	for name, test := range map[string]struct {
		resource object.Object
		cluster  string
	}{
		"a cluster": {&clusterv1.Cluster{Name: "organizations/acme/clusters/orchid", Spec: &clusterv1.ClusterSpec{}}, "organizations/acme/clusters/orchid"},
		"a part": {&computev1.NodePool{Name: "organizations/acme/nodePools/a", Spec: &computev1.NodePoolSpec{
			Cluster: belongs, Network: "organizations/acme/networks/orchid"}}, "organizations/acme/clusters/orchid"},
		"a network that was given back and is not free": {&networkv1.Network{Name: "organizations/acme/networks/a", Spec: &networkv1.NetworkSpec{},
			Status: &networkv1.NetworkStatus{Tenant: &networkv1.Tenant{Cluster: belongs}}}, "organizations/acme/clusters/orchid"},
		"a part of none":                                  {&computev1.NodePool{Name: "organizations/acme/nodePools/a", Spec: &computev1.NodePoolSpec{}}, ""},
		"a part that declares nothing":                    {&computev1.NodePool{Name: "organizations/acme/nodePools/a"}, ""},
		"a resource that has nothing to do with clusters": {&identityv1.Account{Name: "organizations/acme/accounts/a", Spec: &identityv1.AccountSpec{}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			record := new(recordv1.Record)
			require.NoError(t, object.Pack(record, test.resource))
			require.Equal(t, test.cluster, object.ClusterOf(store.Record{Record: record}))
		})
	}
	require.Empty(t, object.ClusterOf(store.Record{Record: new(recordv1.Record)}), "a record without a resource")
}

func TestReferrersAreFoundAsLongAsTheyNameTheResource(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		put := func(key string, r object.Object) {
			record, at := new(recordv1.Record), uint64(0)
			if there, ok := b.Bucket.Get(key); ok {
				at = there.Revision
			}
			require.NoError(t, object.Pack(record, r))
			_, err := b.Bucket.Put(t.Context(), key, record, at)
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
