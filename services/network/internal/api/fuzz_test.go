package api

import (
	"fmt"
	"strings"
	"testing"

	"buf.build/go/protovalidate"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"

	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/services/network/internal/network"
)

// A spec that is valid by its contract either has bad fields, or results in a
// complete network: ranges in every zone, and unique names of resources.
func FuzzASpecHasBadFieldsOrResultsInANetwork(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"vpc": {"cidr": "10.0.0.0/16", "zones": 3}}`, `{"vpc": {"cidr": "10.0.0.1/16"}}`, `{"vpc": {"cidr": "fd00::/16"}}`,
		`{"vpc": {"cidr": "10.0.0.0/20", "zones": 6, "egress": "NAT_SINGLE"}}`, `{"vpc": {"cidr": "::ffff:10.0.0.0/112"}}`,
		`{"access": {"apiCidrs": ["0.0.0.0/0", "::/0"], "vpnCidrs": ["10.0.0.0/33"]}}`, `{"access": {"bastion": true, "vpnCidrs": ["192.168.0.0/16", "192.168.0.0/16"]}}`,
		`{"vpc": {"egress": "NONE"}, "access": {"ingressCidrs": ["1.2.3.4/32"]}}`, `{"vpc": {"cidr": "10.0.0.0/16%eth0"}}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		spec := new(networkv1.NetworkSpec)
		if protojson.Unmarshal([]byte(text), spec) != nil {
			return
		}
		if spec.GetVpc() != nil && protovalidate.Validate(spec.GetVpc()) != nil || spec.GetAccess() != nil && protovalidate.Validate(spec.GetAccess()) != nil {
			return
		}
		var zones []string
		for i := range zoneCount(spec) {
			zones = append(zones, fmt.Sprintf("zone-%d", i))
		}
		parsed, err := parseSpec(spec, zones)
		if err != nil {
			require.True(t, fault.Is(err, fault.Invalid), "%v", err)
			for _, field := range fault.Of(err).Fields {
				require.True(t, strings.HasPrefix(field.Path, "spec."), field.Path)
			}
			require.NotEmpty(t, fault.Of(err).Fields)
			return
		}
		require.Len(t, parsed.Zones, len(zones))
		declared := make(map[string]bool)
		for _, name := range network.Resources(parsed, nil, session.Owner{Cluster: "uid", ClusterName: "name"}).Names() {
			require.False(t, declared[name], "%s is declared twice", name)
			require.NotEmpty(t, graph.TypeOf(name))
			declared[name] = true
		}
		require.True(t, declared["vpc"])
	})
}
