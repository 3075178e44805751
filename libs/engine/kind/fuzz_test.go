package kind_test

import (
	"regexp"
	"strings"
	"testing"

	"buf.build/go/protovalidate"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"

	"github.com/skep-dev/skep/libs/engine/kind"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// storable is what a key of the store may be.
var storable = regexp.MustCompile(`^[-/_=a-zA-Z0-9]+(\.[-/_=a-zA-Z0-9]+)*$`)

// Whatever name the contract lets through has one key, of characters that the store
// takes, which leads back to the name: so no two names share one.
func FuzzANameThatTheContractTakesHasAKeyOfItsOwn(f *testing.F) {
	for _, seed := range []string{
		"organizations/acme/clusters/orchid", "organizations/-/clusters/orchid", "organizations/acme/networks/orchid", "organizations/acme",
		"organizations//clusters/orchid", "organizations/acme/clusters/", "organizations/acme/clusters/a..b", "organizations/acme/clusters/*",
		"organizations/acme/clusters/Ü", "organizations/a/b/clusters/c", "organizations/acme/clusters/" + strings.Repeat("x", 600), "\xff",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		key, err := kind.Clusters.Key(name)
		if err == nil {
			require.Equal(t, name, kind.Clusters.Name(key))
		} else {
			require.True(t, fault.Is(err, fault.Invalid), "%v", err)
		}
		if protovalidate.Validate(&clusterv1.DeleteClusterRequest{Name: name}) != nil {
			return
		}
		require.NoError(t, err)
		require.Regexp(t, storable, key)
		require.NotEmpty(t, kind.Organization(name))
		require.NotEmpty(t, kind.ID(name))
	})
}

// A mask is refused on its own field, or changes what it names of the specification
// and the labels, and nothing else.
func FuzzAMaskIsRefusedOrChangesWhatItNames(f *testing.F) {
	for _, seed := range []string{
		"", "*", "spec", "labels", "spec.region", "spec.vpc.cidr", "spec.vpc", "labels.tier", "labels.a.b", "uid", "status", "status.vpc_id", "spec.nothing",
		"spec,spec.region", "spec.access.api_cidrs", "spec.access.api_cidrs.0", "spec.", ".", "*,spec", "spec.vpc.*", "name", "etag", "spec.vpc.cidr.x", "\xff",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		old := called("organizations/acme/networks/orchid")
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
		changed, err := kind.Masked(old, change, mask)
		require.True(t, proto.Equal(before, old), "what is stored is not changed in place")
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
