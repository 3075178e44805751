package network

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
)

// RouteTable is the route table of all public subnets, or of the private subnet of one zone.
// CreateRouteTable takes a client token.
type RouteTable struct {
	graph.Node
	tagged
	VPC  *VPC
	Tier Tier
	Zone string // the zone of a private table; empty for the public one
}

// Name implements graph.Resource.
func (t *RouteTable) Name() string { return "route-table/" + t.scope() }

func (t *RouteTable) scope() string {
	if t.Tier == Public {
		return string(Public)
	}
	return string(Private) + "/" + t.Zone
}

// Needs implements graph.Resource.
func (t *RouteTable) Needs() []graph.Resource { return []graph.Resource{t.VPC} }

// IdempotentCreate implements graph.IdempotentCreate.
func (t *RouteTable) IdempotentCreate() {}

// Observe implements graph.Resource.
func (t *RouteTable) Observe(ctx context.Context) (graph.State, error) {
	in := &ec2.DescribeRouteTablesInput{Filters: session.ByIntent(t.Token())}
	if t.ID() != "" {
		in = &ec2.DescribeRouteTablesInput{RouteTableIds: []string{t.ID()}}
	}
	out, err := t.DescribeRouteTables(ctx, in)
	if err != nil {
		return graph.Absent, errorclass.IgnoreNotFound(err)
	}
	table, err := session.Only(out.RouteTables)
	if err != nil || table == nil {
		return graph.Absent, err
	}
	t.SetID(aws.ToString(table.RouteTableId))
	return t.compare(&t.Node, table.Tags), nil
}

// Create implements graph.Resource.
func (t *RouteTable) Create(ctx context.Context) (graph.State, error) {
	out, err := t.CreateRouteTable(ctx, &ec2.CreateRouteTableInput{
		VpcId:             aws.String(t.VPC.ID()),
		ClientToken:       aws.String(t.Token()),
		TagSpecifications: t.owner.EC2Tags(types.ResourceTypeRouteTable, t.Name(), t.Token()),
	})
	if err != nil {
		return graph.Absent, err
	}
	t.SetID(aws.ToString(out.RouteTable.RouteTableId))
	return graph.Ready, nil
}

// Update implements graph.Updater. It restores the owner tags.
func (t *RouteTable) Update(ctx context.Context) error { return t.retag(ctx, &t.Node) }

// Delete implements graph.Resource.
func (t *RouteTable) Delete(ctx context.Context) error {
	in := &ec2.DeleteRouteTableInput{RouteTableId: aws.String(t.ID())}
	_, err := t.DeleteRouteTable(ctx, in)
	if errorclass.Code(err) != "DependencyViolation" {
		return errorclass.IgnoreNotFound(err)
	}
	if released, failed := t.release(ctx); failed != nil || !released {
		return errors.Join(err, failed)
	}
	_, err = t.DeleteRouteTable(ctx, in)
	return errorclass.IgnoreNotFound(err)
}

// release disassociates the table from deleted subnets. AWS ends such an association with the subnet;
// imitations of AWS do not. If an associated subnet exists, another creator associated it: release keeps
// that association, stops, and returns false.
func (t *RouteTable) release(ctx context.Context) (released bool, err error) {
	out, err := t.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{RouteTableIds: []string{t.ID()}})
	if err != nil {
		return false, err
	}
	for _, table := range out.RouteTables {
		for _, association := range table.Associations {
			if exists, err := t.subnetExists(ctx, association.SubnetId); err != nil || exists {
				return false, err
			}
			if _, err := t.DisassociateRouteTable(ctx, &ec2.DisassociateRouteTableInput{AssociationId: association.RouteTableAssociationId}); err != nil {
				return false, err
			}
		}
	}
	return true, nil
}

func (t *RouteTable) subnetExists(ctx context.Context, id *string) (bool, error) {
	out, err := t.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{SubnetIds: []string{aws.ToString(id)}})
	if err != nil {
		return false, errorclass.IgnoreNotFound(err)
	}
	return len(out.Subnets) > 0, nil
}
