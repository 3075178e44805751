package vpc

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// tableAssociation associates a subnet with a route table. A subnet has at most one.
type tableAssociation struct{ ID, Subnet string }

func handleRouteTableAssociation(s *engine.Service) {
	engine.Handle(s, "AssociateRouteTable", engine.Fields{"RouteTableId", "SubnetId"}, associateRouteTable)
	engine.Handle(s, "DisassociateRouteTable", engine.Fields{"AssociationId"}, disassociateRouteTable)
}

func associateRouteTable(c *engine.Call, in *ec2.AssociateRouteTableInput) (*ec2.AssociateRouteTableOutput, error) {
	r, err := routeTables.Get(c, in.RouteTableId)
	if err != nil {
		return nil, err
	}
	s, err := Subnets.Get(c, in.SubnetId)
	if err != nil {
		return nil, err
	}
	if s.Data.VPC != r.Data.VPC {
		return nil, engine.Refuse("InvalidParameterValue", "Route table %s and subnet %s belong to different networks", r.ID, s.ID)
	}
	for _, t := range routeTables.OwnedBy(c, s.Data.VPC) {
		if slices.ContainsFunc(t.Data.Associations, func(a tableAssociation) bool { return a.Subnet == s.ID }) {
			return nil, engine.Refuse("Resource.AlreadyAssociated", "the specified association for route table %s conflicts with an existing association", r.ID)
		}
	}
	a := tableAssociation{"rtbassoc-0" + c.NextSerial("rtbassoc", 16), s.ID}
	r.Data.Associations = append(r.Data.Associations, a)
	routeTables.Put(c, r)
	return &ec2.AssociateRouteTableOutput{
		AssociationId:    aws.String(a.ID),
		AssociationState: &types.RouteTableAssociationState{State: types.RouteTableAssociationStateCodeAssociated},
	}, nil
}

func disassociateRouteTable(c *engine.Call, in *ec2.DisassociateRouteTableInput) (*ec2.DisassociateRouteTableOutput, error) {
	for _, r := range routeTables.List(c) {
		i := slices.IndexFunc(r.Data.Associations, func(a tableAssociation) bool { return a.ID == aws.ToString(in.AssociationId) })
		if i < 0 {
			continue
		}
		r.Data.Associations = slices.Delete(r.Data.Associations, i, i+1)
		routeTables.Put(c, r)
		return &ec2.DisassociateRouteTableOutput{}, nil
	}
	return nil, engine.Refuse("InvalidAssociationID.NotFound", "The association ID '%s' does not exist", aws.ToString(in.AssociationId))
}
