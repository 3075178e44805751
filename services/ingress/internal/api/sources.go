// Package api holds the definitions of the ingress service's object types: what an API
// endpoint and an ingress are made of, and what they read from other objects.
package api

import (
	ingressv1 "github.com/skep-dev/skep/proto/gen/go/skep/ingress/v1"
	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/services/ingress/internal/ingress"
)

// Sources are the records that load balancers depend on: those of the service itself
// and the networks.
type Sources struct{ Own, Networks *store.Bucket }

// network returns the values that a network provides so far; group reads the security group
// of the load balancer. It returns the subnets only when all of them are ready and the
// internet gateway is attached, because a load balancer is created in every zone at once.
func (s Sources) network(name string, group func(*networkv1.SecurityGroups) string) ingress.Network {
	from := ingress.Network{Name: "network " + object.ID(name)}
	n, ok := object.Find[*networkv1.Network](s.Networks, object.Networks, name)
	if !ok || n.GetDeleteTime() != nil {
		return from
	}
	from.VPC, from.SecurityGroup = n.GetStatus().GetVpcId(), group(n.GetStatus().GetSecurityGroups())
	var public []string
	for _, subnet := range n.GetStatus().GetSubnets() {
		if subnet.GetTier() == networkv1.Subnet_PUBLIC {
			public = append(public, subnet.GetId())
		}
	}
	attached := object.Condition(n, object.ConditionInternetGatewayReady).GetStatus() == typev1.Condition_TRUE
	if attached && len(public) == len(n.GetStatus().GetZones()) {
		from.Subnets = public
	}
	return from
}

// endpoint is the API endpoint whose zone holds the wildcard record of an ingress, nil
// while its record is missing.
func (s Sources) endpoint(r *ingressv1.Ingress) *ingressv1.ApiEndpoint {
	e, _ := object.Find[*ingressv1.ApiEndpoint](s.Own, object.ApiEndpoints, r.GetSpec().GetApiEndpoint())
	return e
}

// zones are the zones of a network, by name.
func (s Sources) zones(network string) []string {
	n, _ := object.Find[*networkv1.Network](s.Networks, object.Networks, network)
	var names []string
	for _, zone := range n.GetStatus().GetZones() {
		names = append(names, zone.GetName())
	}
	return names
}
