package aws

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// peering is a way from a VPC to one of another account. It can be planted and not created.
// https://docs.aws.amazon.com/vpc/latest/peering/what-is-vpc-peering.html
type peering struct{ VPC, Peer, PeerAccount string }

func (p peering) Owner() string { return p.VPC }
func (p peering) Summary(name func(id string) string) string {
	return "from " + name(p.VPC) + " to account " + p.PeerAccount
}

var peerings = engine.NewType[peering](engine.Type{
	Service: "EC2", Name: "VpcPeeringConnection", Noun: "vpcPeeringConnection ID", Prefix: "pcx", TagType: "vpc-peering-connection",
	NotFound: "InvalidVpcPeeringConnectionID.NotFound", Malformed: "InvalidVpcPeeringConnectionId.Malformed",
})

var peeringFilters = filters[peering]{
	"vpc-peering-connection-id": ofID[peering],
	"requester-vpc-info.vpc-id": one(func(p peering) string { return p.VPC }),
	"accepter-vpc-info.vpc-id":  one(func(p peering) string { return p.Peer }),
	"status-code": func(c *engine.Call, r *engine.Resource[peering]) []string {
		return []string{string(peeringState(c, r))}
	},
}

func handleVpcPeeringConnection(s *engine.Service) {
	engine.Handle(s, "DeleteVpcPeeringConnection", engine.Fields{"VpcPeeringConnectionId"}, deletePeering)
	engine.Handle(s, "DescribeVpcPeeringConnections", engine.Fields{"Filters", "MaxResults", "NextToken", "VpcPeeringConnectionIds"},
		func(c *engine.Call, in *ec2.DescribeVpcPeeringConnectionsInput) (*ec2.DescribeVpcPeeringConnectionsOutput, error) {
			shown, next, err := describe(c, peerings, peeringFilters, query{in.VpcPeeringConnectionIds, in.Filters, in.MaxResults, in.NextToken}, showPeering)
			return &ec2.DescribeVpcPeeringConnectionsOutput{VpcPeeringConnections: shown, NextToken: next}, err
		})
}

// deletePeering ends a peering at once; AWS shows it as deleted for some time.
func deletePeering(c *engine.Call, in *ec2.DeleteVpcPeeringConnectionInput) (*ec2.DeleteVpcPeeringConnectionOutput, error) {
	r, err := peerings.Get(c, in.VpcPeeringConnectionId)
	if err != nil {
		return nil, err
	}
	r.DeletedAt = c.Now()
	r.GoneAt = c.Now().Add(c.Scaled(natVisible))
	peerings.Put(c, r)
	return &ec2.DeleteVpcPeeringConnectionOutput{Return: aws.Bool(true)}, nil
}

func peeringState(c *engine.Call, r *engine.Resource[peering]) types.VpcPeeringConnectionStateReasonCode {
	if r.Deleted(c.Now()) {
		return types.VpcPeeringConnectionStateReasonCodeDeleted
	}
	return types.VpcPeeringConnectionStateReasonCodeActive
}

func showPeering(c *engine.Call, r *engine.Resource[peering]) types.VpcPeeringConnection {
	return types.VpcPeeringConnection{
		VpcPeeringConnectionId: aws.String(r.ID), Tags: ec2Tags(c.VisibleTags(&r.Metadata)), Status: &types.VpcPeeringConnectionStateReason{Code: peeringState(c, r)},
		RequesterVpcInfo: &types.VpcPeeringConnectionVpcInfo{VpcId: aws.String(r.Data.VPC), OwnerId: aws.String(c.Account), Region: aws.String(c.Region)},
		AccepterVpcInfo:  &types.VpcPeeringConnectionVpcInfo{VpcId: aws.String(r.Data.Peer), OwnerId: aws.String(r.Data.PeerAccount), Region: aws.String(c.Region)},
	}
}
