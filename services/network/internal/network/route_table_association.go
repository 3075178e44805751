package network

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/engine/graph"
)

// RouteTableAssociation associates a subnet with its route table. A subnet has one association, so
// a repeated create finds the association of the first.
type RouteTableAssociation struct {
	graph.Node
	account
	Table  *RouteTable
	Subnet *Subnet
}

// Name implements graph.Resource.
func (a *RouteTableAssociation) Name() string {
	return "route-table-association/" + string(a.Subnet.Tier) + "/" + a.Subnet.Zone
}

// Needs implements graph.Resource.
func (a *RouteTableAssociation) Needs() []graph.Resource {
	return []graph.Resource{a.Table, a.Subnet}
}

// Key implements graph.NaturallyKeyed: a subnet has one association.
func (a *RouteTableAssociation) Key() string { return a.Subnet.ID() }

// association is the attribute with the id of the association. DisassociateRouteTable requires it.
const association = "association"

// Container implements graph.Contained. AWS deletes an association with its subnet and refuses to delete
// the route table before.
func (a *RouteTableAssociation) Container() (resourceType string, holds bool) { return "subnet", true }

// Observe implements graph.Resource.
func (a *RouteTableAssociation) Observe(ctx context.Context) (graph.State, error) {
	out, err := a.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{Filters: []types.Filter{
		{Name: aws.String("association.subnet-id"), Values: []string{a.ID()}},
	}})
	if err != nil {
		return graph.Absent, errorclass.IgnoreNotFound(err)
	}
	for _, table := range out.RouteTables {
		for _, found := range table.Associations {
			if aws.ToString(found.SubnetId) != a.ID() {
				continue
			}
			a.SetAttribute(association, aws.ToString(found.RouteTableAssociationId))
			if a.Table != nil && aws.ToString(table.RouteTableId) != a.Table.ID() {
				return graph.Drifted, nil
			}
			return graph.Ready, nil
		}
	}
	return graph.Absent, nil
}

// Create implements graph.Resource.
func (a *RouteTableAssociation) Create(ctx context.Context) (graph.State, error) {
	out, err := a.AssociateRouteTable(ctx, &ec2.AssociateRouteTableInput{
		RouteTableId: aws.String(a.Table.ID()),
		SubnetId:     aws.String(a.ID()),
	})
	if err != nil {
		return graph.Absent, err
	}
	a.SetAttribute(association, aws.ToString(out.AssociationId))
	return graph.Ready, nil
}

// Update implements graph.Updater. It ends the association with another route table and creates
// the one with Table.
func (a *RouteTableAssociation) Update(ctx context.Context) error {
	if err := a.Delete(ctx); err != nil {
		return err
	}
	_, err := a.Create(ctx)
	return err
}

// Delete implements graph.Resource.
func (a *RouteTableAssociation) Delete(ctx context.Context) error {
	if a.Attribute(association) == "" {
		// The response of the create was lost, so the id is unknown: read it from the route table.
		if state, err := a.Observe(ctx); err != nil || state == graph.Absent {
			return err
		}
	}
	_, err := a.DisassociateRouteTable(ctx, &ec2.DisassociateRouteTableInput{AssociationId: aws.String(a.Attribute(association))})
	return errorclass.IgnoreNotFound(err)
}
