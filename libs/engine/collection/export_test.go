package collection

import networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"

// ApplyMask is applyMask for networks.
var ApplyMask = applyMask[*networkv1.Network]
