package badinput_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"

	"github.com/skep-dev/skep/test/clustertest"
)

func TestAPatchNeedsOnlyTheFieldsThatItChanges(t *testing.T) {
	cases := map[string]struct {
		query, body string
		change      func(*clusterv1.ClusterSpec)
		fields      []string
	}{
		"one field, named by the body": {
			body:   `{"spec": {"controlPlane": {"apiCidrs": ["198.51.100.0/24"]}}}`,
			change: func(s *clusterv1.ClusterSpec) { s.ControlPlane.ApiCidrs = []string{"198.51.100.0/24"} },
		},
		"one field, named by a mask": {
			query:  "?update_mask=spec.control_plane.api_cidrs",
			body:   `{"spec": {"controlPlane": {"apiCidrs": ["203.0.113.0/24"]}}}`,
			change: func(s *clusterv1.ClusterSpec) { s.ControlPlane.ApiCidrs = []string{"203.0.113.0/24"} },
		},
		"one invalid field": {
			body:   `{"spec": {"controlPlane": {"apiCidrs": ["everywhere"]}}}`,
			fields: []string{"spec.controlPlane.apiCidrs[0]"},
		},
		"a required field, removed by a mask": {
			query:  "?update_mask=spec.ingress",
			body:   `{"spec": {}}`,
			fields: []string{"spec.ingress"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
				call := serveREST(t, s)
				s.Create(t)
				desired := proto.CloneOf(s.WaitUntil(t, clustertest.IsReady).GetSpec())
				status, refused := call(http.MethodPatch, existing+c.query, "", c.body)
				require.Equal(t, c.fields, refused.fields(), "%+v", refused)
				if c.change != nil {
					require.Equal(t, http.StatusOK, status, "%+v", refused)
					c.change(desired)
				} else {
					require.Equal(t, http.StatusBadRequest, status, "%+v", refused)
				}
				out, err := s.Clusters.GetCluster(s.Context, &clusterv1.GetClusterRequest{Name: clustertest.ClusterName})
				require.NoError(t, err)
				require.True(t, proto.Equal(desired, out.GetCluster().GetSpec()), "%v", out.GetCluster().GetSpec())
			})
		})
	}
}
