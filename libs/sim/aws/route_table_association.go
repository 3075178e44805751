package aws

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// tableAssociation is a subnet served by a route table. A subnet has at most one.
type tableAssociation struct{ ID, Subnet string }

func init() {
	handle("EC2", "AssociateRouteTable", fields{"RouteTableId", "SubnetId"}, associateRouteTable)
	handle("EC2", "DisassociateRouteTable", fields{"AssociationId"}, disassociateRouteTable)
}

func associateRouteTable(c *call, in *ec2.AssociateRouteTableInput) (*ec2.AssociateRouteTableOutput, error) {
	r, err := routeTables.get(c, in.RouteTableId)
	if err != nil {
		return nil, err
	}
	s, err := subnets.get(c, in.SubnetId)
	if err != nil {
		return nil, err
	}
	if s.Data.VPC != r.Data.VPC {
		return nil, refuse("InvalidParameterValue", "Route table %s and subnet %s belong to different networks", r.ID, s.ID)
	}
	for _, t := range routeTables.of(c, s.Data.VPC) {
		if slices.ContainsFunc(t.Data.Associations, func(a tableAssociation) bool { return a.Subnet == s.ID }) {
			return nil, refuse("Resource.AlreadyAssociated", "the specified association for route table %s conflicts with an existing association", r.ID)
		}
	}
	c.w.seq++
	a := tableAssociation{"rtbassoc-0" + c.serial("rtbassoc", 16), s.ID}
	r.Data.Associations = append(r.Data.Associations, a)
	routeTables.put(c, r)
	return &ec2.AssociateRouteTableOutput{
		AssociationId:    aws.String(a.ID),
		AssociationState: &types.RouteTableAssociationState{State: types.RouteTableAssociationStateCodeAssociated},
	}, nil
}

func disassociateRouteTable(c *call, in *ec2.DisassociateRouteTableInput) (*ec2.DisassociateRouteTableOutput, error) {
	for _, r := range routeTables.list(c) {
		i := slices.IndexFunc(r.Data.Associations, func(a tableAssociation) bool { return a.ID == aws.ToString(in.AssociationId) })
		if i < 0 {
			continue
		}
		r.Data.Associations = slices.Delete(r.Data.Associations, i, i+1)
		routeTables.put(c, r)
		return &ec2.DisassociateRouteTableOutput{}, nil
	}
	return nil, refuse("InvalidAssociationID.NotFound", "The association ID '%s' does not exist", aws.ToString(in.AssociationId))
}
