package network

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
)

// InternetGateway is the internet gateway of the VPC. It carries traffic once
// InternetGatewayAttachment is ready.
type InternetGateway struct {
	graph.Node
	tagged
}

// Name implements graph.Resource.
func (i *InternetGateway) Name() string { return "internet-gateway" }

// Needs implements graph.Resource.
func (i *InternetGateway) Needs() []graph.Resource { return nil }

// Observe implements graph.Resource.
func (i *InternetGateway) Observe(ctx context.Context) (graph.State, error) {
	in := &ec2.DescribeInternetGatewaysInput{Filters: session.ByIntent(i.Token())}
	if i.ID() != "" {
		in = &ec2.DescribeInternetGatewaysInput{InternetGatewayIds: []string{i.ID()}}
	}
	out, err := i.DescribeInternetGateways(ctx, in)
	if err != nil {
		return graph.Absent, errorclass.IgnoreNotFound(err)
	}
	gateway, err := session.Only(out.InternetGateways)
	if err != nil || gateway == nil {
		return graph.Absent, err
	}
	i.SetID(aws.ToString(gateway.InternetGatewayId))
	return i.compare(&i.Node, gateway.Tags), nil
}

// Create implements graph.Resource.
func (i *InternetGateway) Create(ctx context.Context) (graph.State, error) {
	out, err := i.CreateInternetGateway(ctx, &ec2.CreateInternetGatewayInput{
		TagSpecifications: i.owner.EC2Tags(types.ResourceTypeInternetGateway, i.Name(), i.Token()),
	})
	if err != nil {
		return graph.Absent, err
	}
	i.SetID(aws.ToString(out.InternetGateway.InternetGatewayId))
	return graph.Ready, nil
}

// Update implements graph.Updater. It restores the owner tags.
func (i *InternetGateway) Update(ctx context.Context) error { return i.retag(ctx, &i.Node) }

// Delete implements graph.Resource.
func (i *InternetGateway) Delete(ctx context.Context) error {
	_, err := i.DeleteInternetGateway(ctx, &ec2.DeleteInternetGatewayInput{InternetGatewayId: aws.String(i.ID())})
	return errorclass.IgnoreNotFound(err)
}
