package api

import (
	"context"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/services/ingress/internal/ingress"
)

// The security groups of a network that load balancers carry.
const (
	endpointGroup = "api-load-balancer"
	ingressGroup  = "ingress-load-balancer"
)

// doorReady is the condition of a network that reaches the internet.
const doorReady = "InternetGatewayReady"

// provided is what a network provides so far. Subnets count only all together:
// a load balancer is in every zone from the start.
func provided(networks *store.Bucket, name, group string) ingress.Network {
	from := ingress.Network{Name: "network " + object.ID(name)}
	n, ok := object.Find[*networkv1.Network](networks, object.Networks, name)
	if !ok || n.GetDeleteTime() != nil {
		return from
	}
	from.VPC, from.SecurityGroup = n.GetStatus().GetVpcId(), n.GetStatus().GetSecurityGroups()[group]
	var public []string
	for _, subnet := range n.GetStatus().GetSubnets() {
		if subnet.GetTier() == networkv1.Subnet_PUBLIC {
			public = append(public, subnet.GetId())
		}
	}
	if len(public) == len(n.GetStatus().GetZones()) && holds(n, doorReady) {
		from.Subnets = public
	}
	return from
}

func holds(r object.Object, condition string) bool {
	for _, c := range object.Conditions(r) {
		if c.GetType() == condition {
			return c.GetStatus() == typev1.Condition_TRUE
		}
	}
	return false
}

// zonesOf are the zones of a network by name, or those to assume if it has none yet.
func zonesOf(networks *store.Bucket, name string, assumed []string) []string {
	n, _ := object.Find[*networkv1.Network](networks, object.Networks, name)
	var names []string
	for _, zone := range n.GetStatus().GetZones() {
		names = append(names, zone.GetName())
	}
	if len(names) == 0 {
		return assumed
	}
	return names
}

// place is where a resource is built.
type place interface {
	GetAccount() string
	GetRegion() string
}

func open(ctx context.Context, c *session.Pool, at place) (ingress.AWS, error) {
	session, err := c.Session(ctx, at.GetAccount(), at.GetRegion())
	if err != nil {
		return ingress.AWS{}, err
	}
	return ingress.NewAWS(session.Config), nil
}
