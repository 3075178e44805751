package bastion

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/latency"
	"github.com/skep-dev/skep/libs/aws/machine"
	"github.com/skep-dev/skep/libs/engine/graph"
)

// Instance is one host of a bastion. It has no public address and no key pair. Users reach it through
// Systems Manager, or through the VPN with an SSH key that EC2 Instance Connect accepts for one minute.
// RunInstances takes a client token.
type Instance struct {
	graph.Node
	account
	Zone          string
	Type          string
	Image         string
	Subnet        *graph.Dependency
	SecurityGroup *graph.Dependency
}

// PrivateAddress is the attribute with the private IPv4 address of the host.
const PrivateAddress = "private-address"

const (
	// rootGiB is the size of the root volume of a host, in GiB.
	rootGiB = 20
	// metadataHops keeps the answers of the metadata service on the host, which has no pods.
	metadataHops = 1
)

// Name implements graph.Resource.
func (i *Instance) Name() string { return "instance/" + i.Zone }

// Needs implements graph.Resource.
func (i *Instance) Needs() []graph.Resource { return []graph.Resource{i.Subnet, i.SecurityGroup} }

// IdempotentCreate implements graph.IdempotentCreate.
func (i *Instance) IdempotentCreate() {}

// ExpectedLatency implements graph.Asynchronous. Ready is the median of public Terraform logs; termination takes 30 to 60 s.
func (i *Instance) ExpectedLatency() graph.Latency {
	return graph.Latency{Ready: latency.Of(latency.InstanceRunning), Deleted: latency.Of(latency.InstanceDeleted)}
}

// Observe implements graph.Resource.
func (i *Instance) Observe(ctx context.Context) (graph.State, error) {
	found, err := machine.FindInstance(ctx, i, i.ID(), i.Token())
	if err != nil || found == nil {
		return graph.Absent, err
	}
	i.setAttributes(found)
	switch state, err := machine.StateOf(found); state {
	case machine.Running:
		if i.launch().Drifted(found) {
			return graph.Drifted, nil
		}
		return graph.Ready, nil
	case machine.Unusable:
		return graph.Absent, err
	case machine.Changing:
	}
	return graph.Pending, nil
}

// launch returns what the host has in common with the machines of other services.
func (i *Instance) launch() machine.Launch {
	return machine.Launch{
		Owner: i.owner, Name: i.Name(), Token: i.Token(), Type: i.Type, Image: i.Image, RootGiB: rootGiB, MetadataHops: metadataHops,
	}
}

func (i *Instance) setAttributes(found *types.Instance) {
	i.SetID(aws.ToString(found.InstanceId))
	i.SetAttribute(PrivateAddress, aws.ToString(found.PrivateIpAddress))
}

// Create implements graph.Resource.
func (i *Instance) Create(ctx context.Context) (graph.State, error) {
	in := i.launch().Input()
	in.NetworkInterfaces = []types.InstanceNetworkInterfaceSpecification{{
		DeviceIndex:              aws.Int32(0),
		SubnetId:                 aws.String(i.Subnet.Value),
		Groups:                   []string{i.SecurityGroup.Value},
		AssociatePublicIpAddress: aws.Bool(false),
		DeleteOnTermination:      aws.Bool(true),
	}}
	out, err := i.RunInstances(ctx, in)
	if err != nil {
		return graph.Absent, err
	}
	for n := range out.Instances {
		i.setAttributes(&out.Instances[n])
	}
	return graph.Pending, nil
}

// Delete implements graph.Resource.
func (i *Instance) Delete(ctx context.Context) error { return machine.Terminate(ctx, i, i.ID()) }
