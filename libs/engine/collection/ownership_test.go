package collection_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/engine/internal/enginetest"
	"github.com/skep-dev/skep/libs/platform/fault"
)

func TestTheOwnerChangesOnlyByAdoptionAndRelease(t *testing.T) {
	orchid := &typev1.ClusterReference{Name: "organizations/acme/clusters/orchid", Uid: "orchiduid1"}
	rose := &typev1.ClusterReference{Name: "organizations/acme/clusters/rose", Uid: "roseuid111"}
	adopted := func(c *typev1.ClusterReference) *typev1.ClusterReference {
		c = proto.CloneOf(c)
		c.Adopted = true
		return c
	}
	for title, test := range map[string]struct {
		from, to  *typev1.ClusterReference
		adoptable bool
		message   string
	}{
		"a cluster adopts a standalone object":     {nil, adopted(orchid), true, ""},
		"the cluster releases it":                  {adopted(orchid), nil, true, ""},
		"no change":                                {adopted(orchid), adopted(orchid), true, ""},
		"its type is not adoptable":                {nil, adopted(orchid), false, "is standalone"},
		"a standalone object becomes a component":  {nil, orchid, true, "is standalone"},
		"another cluster adopts an adopted object": {adopted(orchid), adopted(rose), true, "is a component of " + orchid.GetName()},
		"a component moves to another cluster":     {orchid, rose, true, "is a component of " + orchid.GetName()},
		"another cluster adopts a component":       {orchid, adopted(rose), true, "is a component of " + orchid.GetName()},
		"a component becomes standalone":           {orchid, nil, true, "is a component of " + orchid.GetName()},
		"an adopted object becomes a component":    {adopted(orchid), orchid, true, "is a component of " + orchid.GetName()},
	} {
		t.Run(title, func(t *testing.T) {
			enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
				networks := b.Networks()
				networks.Adoptable = true
				of := func(c *typev1.ClusterReference) *networkv1.Network {
					n := enginetest.Network()
					n.Spec.Cluster = c
					return n
				}
				if test.from.GetAdopted() {
					_, err := networks.Apply(t.Context(), of(nil), false)
					require.NoError(t, err)
				}
				_, err := networks.Apply(t.Context(), of(test.from), false)
				require.NoError(t, err)
				networks.Adoptable = test.adoptable
				for _, validateOnly := range []bool{true, false} {
					_, err = networks.Apply(t.Context(), of(test.to), validateOnly)
					if test.message == "" {
						require.NoError(t, err)
						continue
					}
					require.True(t, fault.Is(err, fault.Invalid), "%v", err)
					require.Equal(t, "spec.cluster", fault.Of(err).Fields[0].Path)
					require.Contains(t, fault.Of(err).Fields[0].Message, test.message)
				}
			})
		})
	}
}

func TestAnAdoptedObjectExistsAndCannotBeDeleted(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		networks := b.Networks()
		networks.Adoptable = true
		n := enginetest.Network()
		n.Spec.Cluster = &typev1.ClusterReference{Name: "organizations/acme/clusters/orchid", Uid: "orchiduid1", Adopted: true}
		_, err := networks.Apply(t.Context(), n, false)
		require.True(t, fault.Is(err, fault.Invalid), "%v", err)
		_, err = networks.Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		_, err = networks.Apply(t.Context(), n, false)
		require.NoError(t, err)
		for _, validateOnly := range []bool{true, false} {
			_, err = networks.Delete(t.Context(), &networkv1.DeleteNetworkRequest{Name: n.GetName(), ValidateOnly: validateOnly})
			require.True(t, fault.Is(err, fault.Precondition), "%v", err)
			require.ErrorContains(t, err, "was adopted by organizations/acme/clusters/orchid")
		}
		_, err = networks.Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		_, err = networks.Delete(t.Context(), &networkv1.DeleteNetworkRequest{Name: n.GetName()})
		require.NoError(t, err)
	})
}
