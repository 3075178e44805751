package network_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/services/network/internal/network"
)

// FuzzCarvedRangesAreDisjointAndInsideTheVPC checks Carve with arbitrary ranges and numbers of zones:
// the subnets do not overlap, lie inside the VPC, and have sizes that AWS accepts.
func FuzzCarvedRangesAreDisjointAndInsideTheVPC(f *testing.F) {
	for _, seed := range []struct {
		address uint32
		bits    byte
		zones   byte
	}{{0x0a000000, 16, 3}, {0x0a000000, 20, 6}, {0xffffffff, 16, 1}, {0, 0, 200}, {0xac100000, 28, 1}, {0xffff0000, 24, 4}, {0x0a000000, 16, 0}} {
		f.Add(seed.address, seed.bits, seed.zones)
	}
	f.Fuzz(func(t *testing.T, address uint32, bits, count byte) {
		at := netip.AddrFrom4([4]byte{byte(address >> 24), byte(address >> 16), byte(address >> 8), byte(address)})
		vpc := netip.PrefixFrom(at, int(bits%33)).Masked()
		zones := make([]string, count)
		for i := range zones {
			zones[i] = fmt.Sprintf("zone-%d", i)
		}
		carved, err := network.Carve(vpc, zones)
		if err != nil {
			require.Nil(t, carved)
			return
		}
		require.Len(t, carved, len(zones))
		var ranges []netip.Prefix
		for i, zone := range carved {
			require.Equal(t, zones[i], zone.Name)
			ranges = append(ranges, zone.Public, zone.Private)
		}
		for i, one := range ranges {
			require.True(t, one.IsValid())
			require.Equal(t, one.Masked(), one)
			require.True(t, vpc.Contains(one.Addr()) && one.Bits() > vpc.Bits() && one.Bits() <= 28, "%s in %s", one, vpc)
			for _, other := range ranges[i+1:] {
				require.False(t, one.Overlaps(other), "%s and %s in %d zones of %s", one, other, count, vpc)
			}
		}
	})
}
