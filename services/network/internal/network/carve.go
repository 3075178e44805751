package network

import (
	"fmt"
	"math/bits"
	"net/netip"
)

// Carve divides the range of a VPC among zones as Cluster API does. It splits the range
// into one block per zone and one more, rounded up to a power of two. The first block
// is split again for the public subnets, and each zone gets one other block as its private
// subnet. 10.0.0.0/16 in three zones gives 10.0.{0,16,32}.0/20 and 10.0.{64,128,192}.0/18.
// Carve returns an error if a public subnet would be smaller than /28.
func Carve(vpc netip.Prefix, zones []string) ([]Zone, error) {
	blocks := split(len(zones) + 1)
	private := vpc.Bits() + blocks
	public := private + split(len(zones))
	// AWS accepts subnets from /16 to /28.
	if public > 28 {
		return nil, fmt.Errorf("%s is too small for %d zones", vpc, len(zones))
	}
	carved := make([]Zone, 0, len(zones))
	for i, name := range zones {
		carved = append(carved, Zone{Name: name, Public: block(vpc, public, i), Private: block(vpc, private, i+1)})
	}
	return carved, nil
}

// split returns the number of prefix bits that distinguish n blocks.
func split(n int) int { return bits.Len(uint(n - 1)) }

// block returns block number n, counted from zero, with prefix length size, of the range within.
func block(within netip.Prefix, size, n int) netip.Prefix {
	start := within.Masked().Addr().As4()
	offset := uint32(n) << (32 - size)
	value := uint32(start[0])<<24 | uint32(start[1])<<16 | uint32(start[2])<<8 | uint32(start[3])
	value += offset
	at := netip.AddrFrom4([4]byte{byte(value >> 24), byte(value >> 16), byte(value >> 8), byte(value)})
	return netip.PrefixFrom(at, size)
}
