package ingress_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	awssim "github.com/skep-dev/skep/libs/sim/aws"
	"github.com/skep-dev/skep/libs/sim/graphtest"
	"github.com/skep-dev/skep/services/ingress/internal/ingress"
)

func TestFindParentZoneReturnsTheClosestZoneAbove(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		zone     string
		fixtures []string // zones in the account
		parent   int      // index of the parent in fixtures, -1 for none
	}{
		"the zone directly above":            {"orchid.k8s.example.test", []string{"example.test", "k8s.example.test"}, 1},
		"a higher zone if that is missing":   {"orchid.k8s.example.test", []string{"example.test"}, 0},
		"none if no zone above is in AWS":    {"orchid.k8s.example.test", []string{"example.org"}, -1},
		"not a zone whose name is a suffix":  {"orchid.k8s.example.test", []string{"s.example.test"}, -1},
		"not the zone itself":                {"orchid.example.test", []string{"orchid.example.test"}, -1},
		"not the zone of a top-level domain": {"example.test", []string{"test"}, -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, err := awssim.New(awssim.Options{})
				require.NoError(t, err)
				want := ""
				for i, fixture := range test.fixtures {
					id, err := w.PutHostedZone(graphtest.Account, fixture)
					require.NoError(t, err)
					if i == test.parent {
						want = id
					}
				}
				found, err := ingress.FindParentZone(t.Context(), ingress.NewAWS(w.Config(graphtest.Account, graphtest.Region)), test.zone)
				require.NoError(t, err)
				require.Equal(t, want, found)
			})
		})
	}
}
