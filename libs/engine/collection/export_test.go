package collection

import networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"

// Masked is the pure part of an update, for the fuzzer.
var Masked = applyMask[*networkv1.Network]
