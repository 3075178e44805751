package network

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/aws/latency"
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// NATGateway carries traffic from private subnets to the internet. CreateNatGateway takes a client token.
type NATGateway struct {
	graph.Node
	tagged
	Subnet  *Subnet
	Address *Address
	Exit    *InternetGatewayAttachment
}

// Name implements graph.Resource.
func (n *NATGateway) Name() string { return "nat-gateway/" + n.Subnet.Zone }

// Needs implements graph.Resource.
func (n *NATGateway) Needs() []graph.Resource {
	return []graph.Resource{n.Subnet, n.Address, n.Exit}
}

// IdempotentCreate implements graph.IdempotentCreate.
func (n *NATGateway) IdempotentCreate() {}

// ExpectedLatency implements graph.Asynchronous. The values are medians of public Terraform logs.
func (n *NATGateway) ExpectedLatency() graph.Latency {
	return graph.Latency{Ready: latency.Of(latency.NATGatewayAvailable), Deleted: latency.Of(latency.NATGatewayDeleted)}
}

// Observe implements graph.Resource.
func (n *NATGateway) Observe(ctx context.Context) (graph.State, error) {
	in := &ec2.DescribeNatGatewaysInput{Filter: session.ByIntent(n.Token())}
	if n.ID() != "" {
		in = &ec2.DescribeNatGatewaysInput{NatGatewayIds: []string{n.ID()}}
	}
	out, err := n.DescribeNatGateways(ctx, in)
	if err != nil {
		return graph.Absent, errorclass.IgnoreNotFound(err)
	}
	gateway, err := session.Only(out.NatGateways)
	if err != nil || gateway == nil {
		return graph.Absent, err
	}
	n.SetID(aws.ToString(gateway.NatGatewayId))
	switch gateway.State {
	case types.NatGatewayStateAvailable:
		return n.compare(&n.Node, gateway.Tags), nil
	case types.NatGatewayStateDeleted:
		// EC2 shows a deleted gateway for an hour.
		return graph.Absent, nil
	case types.NatGatewayStateFailed:
		return graph.Absent, &fault.Fault{Kind: fault.Precondition, Class: fault.Dependency,
			Message: "AWS could not create the NAT gateway: " + aws.ToString(gateway.FailureMessage),
			AWSCode: aws.ToString(gateway.FailureCode), Remedy: "Fix the cause that the message names."}
	}
	return graph.Pending, nil
}

// Create implements graph.Resource.
func (n *NATGateway) Create(ctx context.Context) (graph.State, error) {
	out, err := n.CreateNatGateway(ctx, &ec2.CreateNatGatewayInput{
		AllocationId:      aws.String(n.Address.ID()),
		SubnetId:          aws.String(n.Subnet.ID()),
		ClientToken:       aws.String(n.Token()),
		TagSpecifications: n.owner.EC2Tags(types.ResourceTypeNatgateway, n.Name(), n.Token()),
	})
	if err != nil {
		return graph.Absent, err
	}
	n.SetID(aws.ToString(out.NatGateway.NatGatewayId))
	return graph.Pending, nil
}

// Update implements graph.Updater. It restores the owner tags.
func (n *NATGateway) Update(ctx context.Context) error { return n.retag(ctx, &n.Node) }

// Delete implements graph.Resource.
func (n *NATGateway) Delete(ctx context.Context) error {
	_, err := n.DeleteNatGateway(ctx, &ec2.DeleteNatGatewayInput{NatGatewayId: aws.String(n.ID())})
	return errorclass.IgnoreNotFound(err)
}
