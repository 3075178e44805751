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

func TestAPartChangesHandsOnlyByAdoptionAndByBeingGivenBack(t *testing.T) {
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
		why       string
	}{
		"a cluster adopts what was made by itself": {nil, adopted(orchid), true, ""},
		"it is given back":                         {adopted(orchid), nil, true, ""},
		"it stays":                                 {adopted(orchid), adopted(orchid), true, ""},
		"its kind cannot be adopted":               {nil, adopted(orchid), false, "made by itself"},
		"a cluster takes it for its own":           {nil, orchid, true, "made by itself"},
		"another adopts it":                        {adopted(orchid), adopted(rose), true, "is part of " + orchid.GetName()},
		"another takes a part":                     {orchid, rose, true, "is part of " + orchid.GetName()},
		"another adopts a part":                    {orchid, adopted(rose), true, "is part of " + orchid.GetName()},
		"a part is let go":                         {orchid, nil, true, "is part of " + orchid.GetName()},
		"what was adopted becomes a part":          {adopted(orchid), orchid, true, "is part of " + orchid.GetName()},
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
					if test.why == "" {
						require.NoError(t, err)
						continue
					}
					require.True(t, fault.Is(err, fault.Invalid), "%v", err)
					require.Equal(t, "spec.cluster", fault.Of(err).Fields[0].Path)
					require.Contains(t, fault.Of(err).Fields[0].Message, test.why)
				}
			})
		})
	}
}

func TestWhatAClusterHasAdoptedCannotBeDeletedAndNothingIsAdoptedThatIsNotThere(t *testing.T) {
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
