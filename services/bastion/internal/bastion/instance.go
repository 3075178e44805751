package bastion

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/aws/latency"
	"github.com/skep-dev/skep/libs/aws/machine"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/platform/fault"
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

// rootGiB is the size of the root volume of a host, in GiB.
const rootGiB = 20

// Name implements graph.Resource.
func (i *Instance) Name() string { return "instance/" + i.Zone }

// Needs implements graph.Resource.
func (i *Instance) Needs() []graph.Resource { return []graph.Resource{i.Subnet, i.SecurityGroup} }

// IdempotentCreate implements graph.IdempotentCreate.
func (i *Instance) IdempotentCreate() {}

// ExpectedLatency implements graph.Asynchronous. Ready is the median of public Terraform logs; termination takes 30 to 60 s.
func (i *Instance) ExpectedLatency() graph.Latency {
	return graph.Latency{Ready: latency.Of(latency.InstanceRunning), Gone: latency.Of(latency.InstanceDeleted)}
}

// Observe implements graph.Resource. EC2 shows a terminated instance for an hour; Observe reports it as absent.
func (i *Instance) Observe(ctx context.Context) (graph.State, error) {
	found, err := machine.FindInstance(ctx, i, i.ID(), i.Token())
	if err != nil || found == nil {
		return graph.Absent, err
	}
	i.setAttributes(found)
	switch found.State.Name {
	case types.InstanceStateNameTerminated:
		return graph.Absent, nil
	case types.InstanceStateNameRunning:
		if i.Type != "" && (string(found.InstanceType) != i.Type || found.MetadataOptions.HttpTokens != types.HttpTokensStateRequired) {
			return graph.Drifted, nil
		}
		return graph.Ready, nil
	case types.InstanceStateNameStopping, types.InstanceStateNameStopped:
		return graph.Absent, &fault.Fault{Kind: fault.Precondition, Class: fault.Configuration,
			Message: "the host is stopped", Remedy: "Start the instance, or terminate it: Skep then replaces it."}
	case types.InstanceStateNamePending, types.InstanceStateNameShuttingDown:
	}
	return graph.Pending, nil
}

func (i *Instance) setAttributes(found *types.Instance) {
	i.SetID(aws.ToString(found.InstanceId))
	i.SetAttribute(PrivateAddress, aws.ToString(found.PrivateIpAddress))
}

// Create implements graph.Resource.
func (i *Instance) Create(ctx context.Context) (graph.State, error) {
	root := machine.RootVolume(rootGiB)
	out, err := i.RunInstances(ctx, &ec2.RunInstancesInput{
		MinCount:     aws.Int32(1),
		MaxCount:     aws.Int32(1),
		ClientToken:  aws.String(i.Token()),
		ImageId:      aws.String(i.Image),
		InstanceType: types.InstanceType(i.Type),
		NetworkInterfaces: []types.InstanceNetworkInterfaceSpecification{{
			DeviceIndex:              aws.Int32(0),
			SubnetId:                 aws.String(i.Subnet.Value),
			Groups:                   []string{i.SecurityGroup.Value},
			AssociatePublicIpAddress: aws.Bool(false),
			DeleteOnTermination:      aws.Bool(true),
		}},
		MetadataOptions: &types.InstanceMetadataOptionsRequest{
			HttpEndpoint:            types.InstanceMetadataEndpointStateEnabled,
			HttpTokens:              types.HttpTokensStateRequired,
			HttpPutResponseHopLimit: aws.Int32(1),
		},
		BlockDeviceMappings: []types.BlockDeviceMapping{{DeviceName: aws.String(machine.RootDevice), Ebs: &root}},
		TagSpecifications: append(
			i.owner.EC2Tags(types.ResourceTypeInstance, i.Name(), i.Token()),
			i.owner.EC2Tags(types.ResourceTypeVolume, "root-volume/"+i.Zone, i.Token())...),
	})
	if err != nil {
		return graph.Absent, err
	}
	for n := range out.Instances {
		i.setAttributes(&out.Instances[n])
	}
	return graph.Pending, nil
}

// Delete implements graph.Resource.
func (i *Instance) Delete(ctx context.Context) error {
	_, err := i.TerminateInstances(ctx, &ec2.TerminateInstancesInput{InstanceIds: []string{i.ID()}})
	return errorclass.IgnoreNotFound(err)
}
