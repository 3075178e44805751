package vpc

import (
	"encoding/binary"
	"net/netip"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// block reads a CIDR block and drops its host bits, as AWS does.
func block(parameter string, text *string) (netip.Prefix, error) {
	if text == nil {
		return netip.Prefix{}, engine.MissingParameter(parameter)
	}
	prefix, err := netip.ParsePrefix(*text)
	if err != nil {
		return netip.Prefix{}, engine.InvalidParameter(parameter, *text)
	}
	return prefix.Masked(), nil
}

// within says whether a block lies in another.
func within(inner, outer netip.Prefix) bool {
	return outer.Bits() <= inner.Bits() && outer.Contains(inner.Addr())
}

// NthAddress is the n-th address of an IPv4 block.
func NthAddress(prefix netip.Prefix, n uint32) netip.Addr {
	var address [4]byte
	first := prefix.Addr().As4()
	binary.BigEndian.PutUint32(address[:], binary.BigEndian.Uint32(first[:])+n)
	return netip.AddrFrom4(address)
}
