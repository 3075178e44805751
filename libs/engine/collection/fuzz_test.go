package collection_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"

	"github.com/skep-dev/skep/libs/engine/collection"
	"github.com/skep-dev/skep/libs/engine/internal/enginetest"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// A mask causes a fault on updateMask, or changes the named fields of spec and labels and no others.
func FuzzAMaskIsRefusedOrChangesOnlyItsFields(f *testing.F) {
	for _, seed := range []string{
		"", "*", "spec", "labels", "spec.region", "spec.vpc.cidr", "spec.vpc", "labels.tier", "labels.a.b", "uid", "status", "status.vpc_id", "spec.nothing",
		"spec,spec.region", "spec.access.api_cidrs", "spec.access.api_cidrs.0", "spec.", ".", "*,spec", "spec.vpc.*", "name", "etag", "spec.vpc.cidr.x", "\xff",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		old := enginetest.NetworkNamed("organizations/acme/networks/orchid")
		old.Uid, old.Labels = "uid", map[string]string{"tier": "gold"}
		old.Spec = &networkv1.NetworkSpec{Region: "eu-central-1", Vpc: &networkv1.ManagedVpc{Cidr: "10.0.0.0/16", Zones: 3}}
		change := &networkv1.Network{
			Name: old.GetName(), Uid: "forged", Generation: 99, Labels: map[string]string{"tier": "clay"},
			Spec:   &networkv1.NetworkSpec{Region: "us-east-1", Vpc: &networkv1.ManagedVpc{Cidr: "10.1.0.0/16"}},
			Status: &networkv1.NetworkStatus{VpcId: "vpc-forged"},
		}
		var mask *fieldmaskpb.FieldMask
		if text != "" {
			mask = &fieldmaskpb.FieldMask{Paths: strings.Split(text, ",")}
		}
		before := proto.CloneOf(old)
		changed, err := collection.ApplyMask(old, change, mask)
		require.True(t, proto.Equal(before, old), "the stored object is unchanged")
		if err != nil {
			require.True(t, fault.Is(err, fault.Invalid), "%v", err)
			require.Equal(t, "updateMask", fault.Of(err).Fields[0].Path)
			return
		}
		require.Equal(t, before.GetName(), changed.GetName())
		require.Equal(t, before.GetUid(), changed.GetUid())
		require.Equal(t, before.GetGeneration(), changed.GetGeneration())
		require.True(t, proto.Equal(before.GetStatus(), changed.GetStatus()))
		if !strings.Contains(text, "*") && mask != nil && !strings.Contains(text, "spec") {
			require.True(t, proto.Equal(before.GetSpec(), changed.GetSpec()))
		}
	})
}
