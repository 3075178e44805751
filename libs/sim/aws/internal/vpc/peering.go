package vpc

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/ec2api"
	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// PeeringConnection connects a VPC with a VPC of another account. Fixtures create it; CreateVpcPeeringConnection is not
// simulated.
// https://docs.aws.amazon.com/vpc/latest/peering/what-is-vpc-peering.html
type PeeringConnection struct{ VPC, Peer, PeerAccount string }

// Owner implements engine.Attributes.
func (p PeeringConnection) Owner() string { return p.VPC }

// Summary implements engine.Attributes.
func (p PeeringConnection) Summary(name func(id string) string) string {
	return "from " + name(p.VPC) + " to account " + p.PeerAccount
}

// PeeringConnections is the resource type with the attributes PeeringConnection.
var PeeringConnections = engine.NewType[PeeringConnection](engine.Type{
	Service: "EC2", Name: "VpcPeeringConnection", Noun: "vpcPeeringConnection ID", Prefix: "pcx", TagType: "vpc-peering-connection",
	NotFound: "InvalidVpcPeeringConnectionID.NotFound", Malformed: "InvalidVpcPeeringConnectionId.Malformed",
})

var peeringFilters = ec2api.Filters[PeeringConnection]{
	"vpc-peering-connection-id": ec2api.ByID[PeeringConnection],
	"requester-vpc-info.vpc-id": ec2api.ByText(func(p PeeringConnection) string { return p.VPC }),
	"accepter-vpc-info.vpc-id":  ec2api.ByText(func(p PeeringConnection) string { return p.Peer }),
	"status-code": func(c *engine.Call, r *engine.Resource[PeeringConnection]) []string {
		return []string{string(peeringState(c, r))}
	},
}

func handleVpcPeeringConnection(s *engine.Service) {
	engine.Handle(s, "DeleteVpcPeeringConnection", engine.Fields{"VpcPeeringConnectionId"}, deletePeering)
	engine.Handle(s, "DescribeVpcPeeringConnections", engine.Fields{"Filters", "MaxResults", "NextToken", "VpcPeeringConnectionIds"},
		func(c *engine.Call, in *ec2.DescribeVpcPeeringConnectionsInput) (*ec2.DescribeVpcPeeringConnectionsOutput, error) {
			shown, next, err := ec2api.Describe(c, PeeringConnections, peeringFilters, ec2api.Query{IDs: in.VpcPeeringConnectionIds, Filters: in.Filters, Max: in.MaxResults, Next: in.NextToken}, showPeering)
			return &ec2.DescribeVpcPeeringConnectionsOutput{VpcPeeringConnections: shown, NextToken: next}, err
		})
}

// deletePeering deletes a peering connection at once. AWS shows it as deleted for some time.
func deletePeering(c *engine.Call, in *ec2.DeleteVpcPeeringConnectionInput) (*ec2.DeleteVpcPeeringConnectionOutput, error) {
	r, err := PeeringConnections.Get(c, in.VpcPeeringConnectionId)
	if err != nil {
		return nil, err
	}
	r.DeletedAt = c.Now()
	r.GoneAt = c.Now().Add(c.Scaled(visibleAfterDelete))
	PeeringConnections.Put(c, r)
	return &ec2.DeleteVpcPeeringConnectionOutput{Return: aws.Bool(true)}, nil
}

func peeringState(c *engine.Call, r *engine.Resource[PeeringConnection]) types.VpcPeeringConnectionStateReasonCode {
	if r.Deleted(c.Now()) {
		return types.VpcPeeringConnectionStateReasonCodeDeleted
	}
	return types.VpcPeeringConnectionStateReasonCodeActive
}

func showPeering(c *engine.Call, r *engine.Resource[PeeringConnection]) types.VpcPeeringConnection {
	return types.VpcPeeringConnection{
		VpcPeeringConnectionId: aws.String(r.ID), Tags: ec2api.Tags(c.VisibleTags(&r.Metadata)), Status: &types.VpcPeeringConnectionStateReason{Code: peeringState(c, r)},
		RequesterVpcInfo: &types.VpcPeeringConnectionVpcInfo{VpcId: aws.String(r.Data.VPC), OwnerId: aws.String(c.Account), Region: aws.String(c.Region)},
		AccepterVpcInfo:  &types.VpcPeeringConnectionVpcInfo{VpcId: aws.String(r.Data.Peer), OwnerId: aws.String(r.Data.PeerAccount), Region: aws.String(c.Region)},
	}
}
