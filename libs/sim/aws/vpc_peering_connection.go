package aws

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// peering is a way from a VPC to one of another account. It can be planted and not created.
// https://docs.aws.amazon.com/vpc/latest/peering/what-is-vpc-peering.html
type peering struct{ VPC, Peer, PeerAccount string }

func (p peering) owner() string { return p.VPC }
func (p peering) text(name func(id string) string) string {
	return "from " + name(p.VPC) + " to account " + p.PeerAccount
}

var peerings = register(kind[peering]{
	service: "EC2", name: "VpcPeeringConnection", noun: "vpcPeeringConnection ID", prefix: "pcx", tagged: "vpc-peering-connection",
	missing: "InvalidVpcPeeringConnectionID.NotFound", malformed: "InvalidVpcPeeringConnectionId.Malformed",
})

var peeringFilters = filters[peering]{
	"vpc-peering-connection-id": ofID[peering],
	"requester-vpc-info.vpc-id": one(func(p peering) string { return p.VPC }),
	"accepter-vpc-info.vpc-id":  one(func(p peering) string { return p.Peer }),
	"status-code": func(c *call, r *row[peering]) []string {
		return []string{string(peeringState(c, r))}
	},
}

func init() {
	handle("EC2", "DeleteVpcPeeringConnection", fields{"VpcPeeringConnectionId"}, deletePeering)
	handle("EC2", "DescribeVpcPeeringConnections", fields{"Filters", "MaxResults", "NextToken", "VpcPeeringConnectionIds"},
		func(c *call, in *ec2.DescribeVpcPeeringConnectionsInput) (*ec2.DescribeVpcPeeringConnectionsOutput, error) {
			shown, next, err := describe(c, peerings, peeringFilters, query{in.VpcPeeringConnectionIds, in.Filters, in.MaxResults, in.NextToken}, showPeering)
			return &ec2.DescribeVpcPeeringConnectionsOutput{VpcPeeringConnections: shown, NextToken: next}, err
		})
}

// deletePeering ends a peering at once; AWS shows it as deleted for some time.
func deletePeering(c *call, in *ec2.DeleteVpcPeeringConnectionInput) (*ec2.DeleteVpcPeeringConnectionOutput, error) {
	r, err := peerings.get(c, in.VpcPeeringConnectionId)
	if err != nil {
		return nil, err
	}
	r.DeletedAt = c.now()
	r.GoneAt = c.now().Add(c.w.span(natVisible))
	peerings.put(c, r)
	return &ec2.DeleteVpcPeeringConnectionOutput{Return: aws.Bool(true)}, nil
}

func peeringState(c *call, r *row[peering]) types.VpcPeeringConnectionStateReasonCode {
	if r.deleted(c.now()) {
		return types.VpcPeeringConnectionStateReasonCodeDeleted
	}
	return types.VpcPeeringConnectionStateReasonCodeActive
}

func showPeering(c *call, r *row[peering]) types.VpcPeeringConnection {
	return types.VpcPeeringConnection{
		VpcPeeringConnectionId: aws.String(r.ID), Tags: ec2Tags(c.shown(&r.meta)), Status: &types.VpcPeeringConnectionStateReason{Code: peeringState(c, r)},
		RequesterVpcInfo: &types.VpcPeeringConnectionVpcInfo{VpcId: aws.String(r.Data.VPC), OwnerId: aws.String(c.Account), Region: aws.String(c.Region)},
		AccepterVpcInfo:  &types.VpcPeeringConnectionVpcInfo{VpcId: aws.String(r.Data.Peer), OwnerId: aws.String(r.Data.PeerAccount), Region: aws.String(c.Region)},
	}
}
