package badinput_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"

	"github.com/skep-dev/skep/test/clustertest"
)

func TestAPatchNeedsNoMoreThanWhatItChanges(t *testing.T) {
	cases := map[string]struct {
		query, body string
		change      func(*clusterv1.ClusterSpec)
		fields      []string
	}{
		"one field, which the body itself names": {
			body:   `{"spec": {"controlPlane": {"apiCidrs": ["198.51.100.0/24"]}}}`,
			change: func(s *clusterv1.ClusterSpec) { s.ControlPlane.ApiCidrs = []string{"198.51.100.0/24"} },
		},
		"one field, which a mask names": {
			query:  "?update_mask=spec.control_plane.api_cidrs",
			body:   `{"spec": {"controlPlane": {"apiCidrs": ["203.0.113.0/24"]}}}`,
			change: func(s *clusterv1.ClusterSpec) { s.ControlPlane.ApiCidrs = []string{"203.0.113.0/24"} },
		},
		"one field, and that is wrong": {
			body:   `{"spec": {"controlPlane": {"apiCidrs": ["everywhere"]}}}`,
			fields: []string{"spec.controlPlane.apiCidrs[0]"},
		},
		"a field that must be there, by a mask that takes it away": {
			query:  "?update_mask=spec.ingress",
			body:   `{"spec": {}}`,
			fields: []string{"spec.ingress"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
				call := face(t, s)
				s.Create(t)
				wanted := proto.CloneOf(s.WaitUntil(t, clustertest.IsReady).GetSpec())
				status, told := call(http.MethodPatch, there+c.query, "", c.body)
				require.Equal(t, c.fields, told.fields(), "%+v", told)
				if c.change != nil {
					require.Equal(t, http.StatusOK, status, "%+v", told)
					c.change(wanted)
				} else {
					require.Equal(t, http.StatusBadRequest, status, "%+v", told)
				}
				out, err := s.Clusters.GetCluster(s.Context, &clusterv1.GetClusterRequest{Name: clustertest.ClusterName})
				require.NoError(t, err)
				require.True(t, proto.Equal(wanted, out.GetCluster().GetSpec()), "%v", out.GetCluster().GetSpec())
			})
		})
	}
}
