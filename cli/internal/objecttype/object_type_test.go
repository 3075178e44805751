package objecttype_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/skep-dev/skep/cli/internal/objecttype"
	"github.com/skep-dev/skep/libs/engine/object"
)

var errCalled = errors.New("called")

// catalog fails every call after checking that the API has the method with its messages.
type catalog struct {
	grpc.ClientConnInterface
	t     *testing.T
	calls []string
}

func (c *catalog) Invoke(_ context.Context, method string, in, out any, _ ...grpc.CallOption) error {
	c.calls = append(c.calls, method)
	name := protoreflect.FullName(strings.ReplaceAll(strings.TrimPrefix(method, "/"), "/", "."))
	found, err := protoregistry.GlobalFiles.FindDescriptorByName(name)
	require.NoError(c.t, err)
	declared, ok := found.(protoreflect.MethodDescriptor)
	require.True(c.t, ok)
	require.Equal(c.t, declared.Input().FullName(), in.(proto.Message).ProtoReflect().Descriptor().FullName())
	require.Equal(c.t, declared.Output().FullName(), out.(proto.Message).ProtoReflect().Descriptor().FullName())
	return errCalled
}

func TestEveryObjectTypeHasTheStandardMethods(t *testing.T) {
	t.Parallel()
	for _, n := range append([]objecttype.ObjectType{objecttype.Cluster}, objecttype.All...) {
		t.Run(n.Singular(), func(t *testing.T) {
			t.Parallel()
			api := &catalog{t: t}
			_, err := n.Get(t.Context(), api, n.Name("demo", "orchid"))
			require.ErrorIs(t, err, errCalled)
			_, _, err = n.List(t.Context(), api, objecttype.Page{Organization: "demo"})
			require.ErrorIs(t, err, errCalled)
			_, err = n.Delete(t.Context(), api, n.Name("demo", "orchid"))
			require.ErrorIs(t, err, errCalled)
			require.Len(t, api.calls, 3)
			require.NotEmpty(t, n.Short, "the contract has no skep.type.v1.summary")
		})
	}
}

func TestAllHasEveryObjectTypeButClusters(t *testing.T) {
	t.Parallel()
	found := []string{objecttype.Cluster.CollectionID()}
	for _, n := range objecttype.All {
		found = append(found, n.CollectionID())
	}
	var want []string
	for _, of := range object.Types() {
		want = append(want, of.CollectionID)
	}
	require.ElementsMatch(t, want, found)
}

func TestNameReturnsTheFullName(t *testing.T) {
	t.Parallel()
	names := map[string]string{}
	for _, n := range append([]objecttype.ObjectType{objecttype.Cluster}, objecttype.All...) {
		full := n.Name("demo", "orchid")
		names[n.Singular()+" "+n.Plural()] = full
		require.True(t, slices.ContainsFunc(object.Types(), func(of object.Type) bool {
			_, err := of.Key(full)
			return err == nil && of.CollectionID == n.CollectionID()
		}), "%s is not the name of an object of type %s", full, n.Singular())
	}
	require.Equal(t, "organizations/orchid", names["organization organizations"])
	require.Equal(t, "organizations/demo/networks/orchid", names["network networks"])
	require.Equal(t, "organizations/demo/clusterIdentities/orchid", names["cluster-identity cluster-identities"])
	require.Equal(t, "organizations/acme/clusters/rose", objecttype.Cluster.Name("demo", "organizations/acme/clusters/rose"))
}

func TestComponentsHaveShortLabels(t *testing.T) {
	t.Parallel()
	for part, want := range map[string]string{
		"organizations/demo/networks/orchid":          "network",
		"organizations/demo/nodePools/orchid.workers": "node-pool/workers",
		"organizations/demo/networks/shared":          "network/shared",
		"organizations/demo/clusters/orchid":          "cluster",
		"organizations/demo/unknowns/orchid":          "unknowns",
		"something":                                   "something",
	} {
		require.Equal(t, want, objecttype.Label("organizations/demo/clusters/orchid", part))
	}
}
