// Package ownership decides by tags whether an AWS resource belongs to a cluster, and names
// the creator of the resource.
//
// It decides by tags alone and calls nothing. A resource that no rule names does not belong
// to the cluster.
//
// Only the packages below services/network/internal/leftover import it.
package ownership

import (
	"strings"

	"github.com/skep-dev/skep/libs/aws/session"
)

// Cluster is the cluster whose resources are recognized.
type Cluster struct{ session.Owner }

// UID returns the uid of the cluster.
func (c Cluster) UID() string { return c.Cluster }

// CreatedBySkep reports whether this installation of Skep created the resource for the cluster.
func (c Cluster) CreatedBySkep(t Tags) bool {
	return t[session.TagInstallation] == c.Installation && t[session.TagCluster] == c.UID()
}

// InNetwork reports whether this installation of Skep created the resource as a part of the
// network, for any cluster: an adopted network keeps its resources when it changes clusters.
func (c Cluster) InNetwork(t Tags) bool {
	return t[session.TagInstallation] == c.Installation && strings.HasPrefix(t[session.TagResource], c.Component+"/")
}

// Owns reports whether the resource belongs to the cluster: Skep, a controller in the
// cluster, or GuardDuty created it. The tag of GuardDuty names no cluster, so the caller
// must know that such a resource is in the VPC of the cluster.
func (c Cluster) Owns(t Tags) bool {
	uid := c.UID()
	return c.CreatedBySkep(t) || t[c.KubernetesTag("").Key] == "owned" || t[tagLegacyCluster] == uid ||
		t[tagLoadBalancing] == uid || t[tagPodInterfaces] == uid || t[tagGuardDuty] == "true"
}
