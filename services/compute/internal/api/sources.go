// Package api holds the definitions of the compute service's object types: what a
// control plane and a node pool are made of, and what they read from other objects.
package api

import (
	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"
	ingressv1 "github.com/skep-dev/skep/proto/gen/go/skep/ingress/v1"
	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"

	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/services/compute/internal/compute"
)

// Sources are the records of other services that machines depend on.
type Sources struct{ Network, Identity, Ingress *store.Bucket }

// specification has the fields that the specs of control planes and node pools share.
type specification interface {
	GetNetwork() string
	GetClusterIdentity() string
	GetApiEndpoint() string
}

// read reads what other objects provide for a specification. While the network has
// chosen no zones and none are assumed, it returns a fault of class dependency.
func (s Sources) read(spec specification, assumeZones []string) (provided, error) {
	network := s.network(spec)
	zones := zoneNames(network)
	if len(zones) == 0 {
		zones = assumeZones
	}
	if len(zones) == 0 {
		return provided{}, fault.Waitingf("%s has not chosen its zones yet", spec.GetNetwork())
	}
	identity, _ := object.Find[*identityv1.ClusterIdentity](s.Identity, object.ClusterIdentities, spec.GetClusterIdentity())
	endpoint, _ := object.Find[*ingressv1.ApiEndpoint](s.Ingress, object.ApiEndpoints, spec.GetApiEndpoint())
	return provided{
		network:      parseNetwork(spec.GetNetwork(), network, zones),
		endpoint:     parseEndpoint(spec.GetApiEndpoint(), endpoint),
		identityName: spec.GetClusterIdentity(),
		identity:     identity,
	}, nil
}

// network is the network of a specification, nil while its record is missing.
func (s Sources) network(spec specification) *networkv1.Network {
	n, _ := object.Find[*networkv1.Network](s.Network, object.Networks, spec.GetNetwork())
	return n
}

// ingress returns the target groups of an ingress. It returns nil if a node pool names no
// ingress, or one that is being deleted.
func (s Sources) ingress(name string) *compute.Ingress {
	found, ok := object.Find[*ingressv1.Ingress](s.Ingress, object.Ingresses, name)
	if !ok || found.GetDeleteTime() != nil {
		return nil
	}
	targetGroups := found.GetStatus().GetTargetGroupArns()
	return &compute.Ingress{From: name, HTTPTargetGroup: targetGroups.GetHttp(), HTTPSTargetGroup: targetGroups.GetHttps()}
}
