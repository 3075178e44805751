package network

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/aws/latency"
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
)

// VPCEndpoint is a gateway endpoint: traffic to a service of AWS takes it instead of the NAT gateways,
// and AWS does not charge for it. CreateVpcEndpoint takes a client token.
type VPCEndpoint struct {
	graph.Node
	tagged
	VPC     *VPC
	Service string
	Region  string
	Tables  []*RouteTable
}

// Name implements graph.Resource.
func (e *VPCEndpoint) Name() string { return "vpc-endpoint/" + e.Service }

// Needs implements graph.Resource.
func (e *VPCEndpoint) Needs() []graph.Resource {
	needs := []graph.Resource{e.VPC}
	for _, table := range e.Tables {
		needs = append(needs, table)
	}
	return needs
}

// IdempotentCreate implements graph.IdempotentCreate.
func (e *VPCEndpoint) IdempotentCreate() {}

// ExpectedLatency implements graph.Asynchronous.
func (e *VPCEndpoint) ExpectedLatency() graph.Latency {
	return graph.Latency{Deleted: latency.Of(latency.VPCEndpointDeleted)}
}

// Observe implements graph.Resource.
func (e *VPCEndpoint) Observe(ctx context.Context) (graph.State, error) {
	in := &ec2.DescribeVpcEndpointsInput{Filters: session.ByIntent(e.Token())}
	if e.ID() != "" {
		in = &ec2.DescribeVpcEndpointsInput{VpcEndpointIds: []string{e.ID()}}
	}
	out, err := e.DescribeVpcEndpoints(ctx, in)
	if err != nil {
		return graph.Absent, errorclass.IgnoreNotFound(err)
	}
	endpoint, err := session.Only(out.VpcEndpoints)
	if err != nil || endpoint == nil {
		return graph.Absent, err
	}
	e.SetID(aws.ToString(endpoint.VpcEndpointId))
	if state := e.stateOf(endpoint.State); state != graph.Ready {
		return state, nil
	}
	return e.compare(&e.Node, endpoint.Tags), nil
}

// stateOf converts a state of EC2. EC2 answers in lower case; the constants of the SDK are capitalized.
func (e *VPCEndpoint) stateOf(state types.State) graph.State {
	switch {
	case strings.EqualFold(string(state), string(types.StateAvailable)):
		return graph.Ready
	case strings.EqualFold(string(state), string(types.StateDeleted)):
		return graph.Absent
	}
	return graph.Pending
}

// Create implements graph.Resource.
func (e *VPCEndpoint) Create(ctx context.Context) (graph.State, error) {
	in := &ec2.CreateVpcEndpointInput{
		VpcId:             aws.String(e.VPC.ID()),
		VpcEndpointType:   types.VpcEndpointTypeGateway,
		ServiceName:       aws.String("com.amazonaws." + e.Region + "." + e.Service),
		ClientToken:       aws.String(e.Token()),
		TagSpecifications: e.owner.EC2Tags(types.ResourceTypeVpcEndpoint, e.Name(), e.Token()),
	}
	for _, table := range e.Tables {
		in.RouteTableIds = append(in.RouteTableIds, table.ID())
	}
	out, err := e.CreateVpcEndpoint(ctx, in)
	if err != nil {
		return graph.Absent, err
	}
	e.SetID(aws.ToString(out.VpcEndpoint.VpcEndpointId))
	return e.stateOf(out.VpcEndpoint.State), nil
}

// Update implements graph.Updater. It restores the owner tags.
func (e *VPCEndpoint) Update(ctx context.Context) error { return e.retag(ctx, &e.Node) }

// Delete implements graph.Resource.
func (e *VPCEndpoint) Delete(ctx context.Context) error {
	_, err := e.DeleteVpcEndpoints(ctx, &ec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{e.ID()}})
	return errorclass.IgnoreNotFound(err)
}
