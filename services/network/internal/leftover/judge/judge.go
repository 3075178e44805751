// Package judge decides what happens to each resource of a snapshot when its cluster is deleted.
//
// Its result is a pure function of the snapshot. It omits the resources that Skep
// has in a ledger, and those that are judged together with another resource: a network
// interface that its instance deletes, for example, stands for nothing of its own.
//
// Only package leftover imports it.
package judge

import (
	"slices"

	"github.com/skep-dev/skep/services/network/internal/leftover/finding"
	"github.com/skep-dev/skep/services/network/internal/leftover/ownership"
	"github.com/skep-dev/skep/services/network/internal/leftover/scan"
)

// judge judges one snapshot.
type judge struct{ *scan.Snapshot }

// Findings judges a snapshot of the whole VPC.
func Findings(s *scan.Snapshot) []finding.Finding {
	j := judge{s}
	return slices.Concat(
		j.instances(), j.loadBalancers(), j.targetGroups(), j.endpoints(), j.interfaces(), j.securityGroups(),
		j.natGateways(), j.subnets(), j.routeTables(), j.peerings(), j.volumes(), j.elasticIPs(),
	)
}

// BeyondVPC judges a snapshot of the resources that can outlive the VPC.
func BeyondVPC(s *scan.Snapshot) []finding.Finding {
	j := judge{s}
	return slices.Concat(j.targetGroups(), j.volumes(), j.elasticIPs(), j.others())
}

// disposition is Delete for a resource of the cluster and Foreign for every other one.
func (j judge) disposition(t ownership.Tags) finding.Disposition {
	if j.Cluster.Owns(t) {
		return finding.Delete
	}
	return finding.Foreign
}

// isLeftover reports whether a resource outside the ledger of the network belongs to the
// cluster, and to no other service of Skep that still uses the network.
func (j judge) isLeftover(t ownership.Tags) bool {
	return j.Cluster.Owns(t) && (!j.InUse || !j.Cluster.CreatedBySkep(t))
}

// nameOr returns the tag Name, or else the substitute.
func nameOr(t ownership.Tags, substitute string) string {
	if name := t["Name"]; name != "" {
		return name
	}
	return substitute
}
