package network_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/services/network/internal/network"
)

func TestCarveDividesA16InThreeZonesAsClusterAPIDoes(t *testing.T) {
	t.Parallel()
	zones, err := network.Carve(netip.MustParsePrefix("10.0.0.0/16"), []string{"a", "b", "c"})
	require.NoError(t, err)
	var got []string
	for _, zone := range zones {
		got = append(got, fmt.Sprintf("%s %s %s", zone.Name, zone.Public, zone.Private))
	}
	require.Equal(t, []string{
		"a 10.0.0.0/20 10.0.64.0/18",
		"b 10.0.16.0/20 10.0.128.0/18",
		"c 10.0.32.0/20 10.0.192.0/18",
	}, got)
}

func TestCarvedRangesAreDisjointAndInsideTheVPC(t *testing.T) {
	t.Parallel()
	names := []string{"a", "b", "c", "d", "e", "f"}
	for bits := 16; bits <= 20; bits++ {
		for count := 1; count <= len(names); count++ {
			vpc := netip.PrefixFrom(netip.MustParseAddr("10.32.0.0"), bits)
			zones, err := network.Carve(vpc, names[:count])
			require.NoError(t, err)
			var ranges []netip.Prefix
			for _, zone := range zones {
				ranges = append(ranges, zone.Public, zone.Private)
			}
			for i, one := range ranges {
				require.Equal(t, one.Masked(), one)
				require.True(t, vpc.Contains(one.Addr()) && one.Bits() > vpc.Bits(), "%s in %s", one, vpc)
				for _, other := range ranges[i+1:] {
					require.False(t, one.Overlaps(other), "%s and %s in %d zones of %s", one, other, count, vpc)
				}
			}
		}
	}
}

func TestCarveRefusesARangeTooSmallForItsZones(t *testing.T) {
	t.Parallel()
	_, err := network.Carve(netip.MustParsePrefix("10.0.0.0/26"), []string{"a", "b", "c"})
	require.EqualError(t, err, "10.0.0.0/26 is too small for 3 zones")
}
