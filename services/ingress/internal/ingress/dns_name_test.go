package ingress_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	awssim "github.com/skep-dev/skep/libs/sim/aws"
	"github.com/skep-dev/skep/libs/sim/graphtest"
	"github.com/skep-dev/skep/services/ingress/internal/ingress"
)

func TestTheClosestZoneAboveIsTheParent(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		zone    string
		planted []string
		parent  int // index of planted, -1 for none
	}{
		"the zone right above":                 {"orchid.k8s.example.test", []string{"example.test", "k8s.example.test"}, 1},
		"one further up where that is missing": {"orchid.k8s.example.test", []string{"example.test"}, 0},
		"none where nothing above is here":     {"orchid.k8s.example.test", []string{"example.org"}, -1},
		"not the zone of a like name":          {"orchid.k8s.example.test", []string{"s.example.test"}, -1},
		"not the zone itself":                  {"orchid.example.test", []string{"orchid.example.test"}, -1},
		"not a top-level domain":               {"example.test", []string{"test"}, -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, err := awssim.New(awssim.Options{})
				require.NoError(t, err)
				wanted := ""
				for i, planted := range test.planted {
					id, err := w.PlantHostedZone(graphtest.Account, planted)
					require.NoError(t, err)
					if i == test.parent {
						wanted = id
					}
				}
				found, err := ingress.FindParentZone(t.Context(), ingress.NewAWS(w.Config(graphtest.Account, graphtest.Region)), test.zone)
				require.NoError(t, err)
				require.Equal(t, wanted, found)
			})
		})
	}
}
