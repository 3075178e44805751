package network

import (
	"fmt"
	"math/bits"
	"net/netip"
)

// Carve divides the range of a VPC among zones as Cluster API does: into the
// next power of two above the number of zones; the first block is divided again
// for the public subnets, and each other block is one private subnet. 10.0.0.0/16
// in three zones gives 10.0.{0,16,32}.0/20 and 10.0.{64,128,192}.0/18.
func Carve(vpc netip.Prefix, zones []string) ([]Zone, error) {
	blocks := split(len(zones) + 1)
	private := vpc.Bits() + blocks
	public := private + split(len(zones))
	// AWS knows subnets of /16 to /28.
	if public > 28 {
		return nil, fmt.Errorf("%s is too small for %d zones", vpc, len(zones))
	}
	carved := make([]Zone, 0, len(zones))
	for i, name := range zones {
		carved = append(carved, Zone{Name: name, Public: block(vpc, public, i), Private: block(vpc, private, i+1)})
	}
	return carved, nil
}

// split is how many bits tell n blocks apart.
func split(n int) int { return bits.Len(uint(n - 1)) }

// block is the nth block of a size within a range.
func block(within netip.Prefix, size, n int) netip.Prefix {
	start := within.Masked().Addr().As4()
	offset := uint32(n) << (32 - size)
	value := uint32(start[0])<<24 | uint32(start[1])<<16 | uint32(start[2])<<8 | uint32(start[3])
	value += offset
	at := netip.AddrFrom4([4]byte{byte(value >> 24), byte(value >> 16), byte(value >> 8), byte(value)})
	return netip.PrefixFrom(at, size)
}
