package object_test

import (
	"regexp"
	"strings"
	"testing"

	"buf.build/go/protovalidate"
	"github.com/stretchr/testify/require"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"

	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// storable matches valid store keys.
var storable = regexp.MustCompile(`^[-/_=a-zA-Z0-9]+(\.[-/_=a-zA-Z0-9]+)*$`)

// Every name that the proto validation accepts has a valid store key that maps back to the name, so
// no two names share a key.
func FuzzEveryValidNameHasItsOwnKey(f *testing.F) {
	for _, seed := range []string{
		"organizations/acme/clusters/orchid", "organizations/-/clusters/orchid", "organizations/acme/networks/orchid", "organizations/acme",
		"organizations//clusters/orchid", "organizations/acme/clusters/", "organizations/acme/clusters/a..b", "organizations/acme/clusters/*",
		"organizations/acme/clusters/Ü", "organizations/a/b/clusters/c", "organizations/acme/clusters/" + strings.Repeat("x", 600), "\xff",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		key, err := object.Clusters.Key(name)
		if err == nil {
			require.Equal(t, name, object.Clusters.Name(key))
		} else {
			require.True(t, fault.Is(err, fault.Invalid), "%v", err)
		}
		if protovalidate.Validate(&clusterv1.DeleteClusterRequest{Name: name}) != nil {
			return
		}
		require.NoError(t, err)
		require.Regexp(t, storable, key)
		require.NotEmpty(t, object.Organization(name))
		require.NotEmpty(t, object.ID(name))
	})
}
