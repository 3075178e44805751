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

// Address is the elastic IP of a zone's NAT gateway: traffic from the private subnets shows it as its source.
type Address struct {
	graph.Node
	tagged
	Zone string
}

// PublicIP is the attribute with the IPv4 address.
const PublicIP = "public-ip"

// Name implements graph.Resource.
func (a *Address) Name() string { return "address/" + a.Zone }

// Needs implements graph.Resource.
func (a *Address) Needs() []graph.Resource { return nil }

// Observe implements graph.Resource.
func (a *Address) Observe(ctx context.Context) (graph.State, error) {
	in := &ec2.DescribeAddressesInput{Filters: session.ByIntent(a.Token())}
	if a.ID() != "" {
		in = &ec2.DescribeAddressesInput{AllocationIds: []string{a.ID()}}
	}
	out, err := a.DescribeAddresses(ctx, in)
	if err != nil {
		return graph.Absent, errorclass.IgnoreNotFound(err)
	}
	address, err := session.Only(out.Addresses)
	if err != nil || address == nil {
		return graph.Absent, err
	}
	a.SetID(aws.ToString(address.AllocationId))
	a.SetAttribute(PublicIP, aws.ToString(address.PublicIp))
	return a.compare(&a.Node, address.Tags), nil
}

// Create implements graph.Resource.
func (a *Address) Create(ctx context.Context) (graph.State, error) {
	out, err := a.AllocateAddress(ctx, &ec2.AllocateAddressInput{
		Domain:            types.DomainTypeVpc,
		TagSpecifications: a.owner.EC2Tags(types.ResourceTypeElasticIp, a.Name(), a.Token()),
	})
	if err != nil {
		return graph.Absent, err
	}
	a.SetID(aws.ToString(out.AllocationId))
	a.SetAttribute(PublicIP, aws.ToString(out.PublicIp))
	return graph.Ready, nil
}

// Update implements graph.Updater. It restores the owner tags.
func (a *Address) Update(ctx context.Context) error { return a.retag(ctx, &a.Node) }

// Delete implements graph.Resource.
func (a *Address) Delete(ctx context.Context) error {
	_, err := a.ReleaseAddress(ctx, &ec2.ReleaseAddressInput{AllocationId: aws.String(a.ID())})
	return errorclass.IgnoreNotFound(err)
}
