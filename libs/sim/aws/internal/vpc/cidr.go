package vpc

import (
	"encoding/binary"
	"net/netip"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// block parses a CIDR block and clears its host bits, as AWS does.
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

// within reports whether the inner block lies in the outer one.
func within(inner, outer netip.Prefix) bool {
	return outer.Bits() <= inner.Bits() && outer.Contains(inner.Addr())
}

// NthAddress returns the n-th address of an IPv4 block, counted from 0.
func NthAddress(prefix netip.Prefix, n uint32) netip.Addr {
	var address [4]byte
	first := prefix.Addr().As4()
	binary.BigEndian.PutUint32(address[:], binary.BigEndian.Uint32(first[:])+n)
	return netip.AddrFrom4(address)
}
