package network

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/engine/graph"
)

// anywhere is the destination of every Route.
const anywhere = "0.0.0.0/0"

// Route is the default route of one route table: to the internet gateway or to a NAT gateway.
// A table has at most one route per destination, so a repeated create finds the route of the first.
type Route struct {
	graph.Node
	account
	Table *RouteTable
	// Exit is the target in a public table, NAT the target in a private one. Exactly one is set,
	// and none during a delete.
	Exit *InternetGatewayAttachment
	NAT  *NATGateway
}

// Name implements graph.Resource.
func (r *Route) Name() string { return "route/" + r.Table.scope() + "/internet" }

// Needs implements graph.Resource.
func (r *Route) Needs() []graph.Resource {
	if r.Exit != nil {
		return []graph.Resource{r.Table, r.Exit}
	}
	return []graph.Resource{r.Table, r.NAT}
}

// Key implements graph.NaturallyKeyed: a table has one route per destination, and every Route has the same destination.
func (r *Route) Key() string { return r.Table.ID() }

// Container implements graph.Contained. AWS deletes a route with its table. The route does not keep its
// target: a gateway can be deleted before the table.
func (r *Route) Container() (resourceType string, holds bool) { return "route-table", false }

// Observe implements graph.Resource.
func (r *Route) Observe(ctx context.Context) (graph.State, error) {
	out, err := r.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{RouteTableIds: []string{r.ID()}})
	if err != nil {
		return graph.Absent, errorclass.IgnoreNotFound(err)
	}
	for _, found := range out.RouteTables {
		for _, route := range found.Routes {
			if aws.ToString(route.DestinationCidrBlock) != anywhere {
				continue
			}
			gateway, nat := r.target()
			if r.Table != nil && (aws.ToString(route.GatewayId) != aws.ToString(gateway) || aws.ToString(route.NatGatewayId) != aws.ToString(nat)) {
				return graph.Drifted, nil
			}
			return graph.Ready, nil
		}
	}
	return graph.Absent, nil
}

// target returns the id of the internet gateway or of the NAT gateway, and nil for the other; both are nil
// during a delete.
func (r *Route) target() (gateway, nat *string) {
	if r.Exit != nil {
		return aws.String(r.Exit.ID()), nil
	}
	if r.NAT != nil {
		return nil, aws.String(r.NAT.ID())
	}
	return nil, nil
}

// Create implements graph.Resource.
func (r *Route) Create(ctx context.Context) (graph.State, error) {
	gateway, nat := r.target()
	_, err := r.CreateRoute(ctx, &ec2.CreateRouteInput{
		RouteTableId:         aws.String(r.ID()),
		DestinationCidrBlock: aws.String(anywhere),
		GatewayId:            gateway,
		NatGatewayId:         nat,
	})
	if errorclass.Code(err) == "RouteAlreadyExists" {
		err = r.Update(ctx)
	}
	if err != nil {
		return graph.Absent, err
	}
	return graph.Ready, nil
}

// Update implements graph.Updater.
func (r *Route) Update(ctx context.Context) error {
	gateway, nat := r.target()
	_, err := r.ReplaceRoute(ctx, &ec2.ReplaceRouteInput{
		RouteTableId:         aws.String(r.ID()),
		DestinationCidrBlock: aws.String(anywhere),
		GatewayId:            gateway,
		NatGatewayId:         nat,
	})
	return err
}

// Delete implements graph.Resource.
func (r *Route) Delete(ctx context.Context) error {
	_, err := r.DeleteRoute(ctx, &ec2.DeleteRouteInput{RouteTableId: aws.String(r.ID()), DestinationCidrBlock: aws.String(anywhere)})
	return errorclass.IgnoreNotFound(err)
}
