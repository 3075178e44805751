package compute

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/aws/latency"
	"github.com/skep-dev/skep/libs/aws/machine"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// Instance is the machine of a control-plane member. Its address belongs to its NetworkInterface. RunInstances takes a
// client token.
//
// It is ready when EC2 reports it as running. Skep does not check what the image boots; the load balancer of the
// API checks the health of the member.
type Instance struct {
	graph.Node
	account
	Member    Member
	Interface *NetworkInterface
	Profile   *graph.Dependency
	Boot      *Boot
	Type      string
	Image     string
}

// rootGiB is the size of the root volume, in GiB: for images, logs and the data of the kubelet.
const rootGiB = 40

// Name implements graph.Resource.
func (i *Instance) Name() string { return "instance/" + i.Member.Name }

// Needs implements graph.Resource.
func (i *Instance) Needs() []graph.Resource {
	return []graph.Resource{i.Interface, i.Profile, i.Boot.API}
}

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
	i.SetID(aws.ToString(found.InstanceId))
	switch found.State.Name {
	case types.InstanceStateNameTerminated:
		return graph.Absent, nil
	case types.InstanceStateNameRunning:
		if i.drifted(found) {
			return graph.Drifted, nil
		}
		return graph.Ready, nil
	case types.InstanceStateNameStopping, types.InstanceStateNameStopped:
		return graph.Absent, &fault.Fault{Kind: fault.Precondition, Class: fault.Configuration,
			Message: "the instance is stopped", Remedy: "Start the instance, or terminate it: Skep then replaces it."}
	case types.InstanceStateNamePending, types.InstanceStateNameShuttingDown:
	}
	return graph.Pending, nil
}

// drifted reports whether the mutable properties of the instance differ from the spec: metadata options,
// instance type and instance profile.
func (i *Instance) drifted(found *types.Instance) bool {
	if i.Type == "" {
		// During a delete the resource has no spec to compare.
		return false
	}
	metadata := found.MetadataOptions
	if metadata == nil || metadata.HttpTokens != types.HttpTokensStateRequired || aws.ToInt32(metadata.HttpPutResponseHopLimit) != machine.MetadataHops {
		return true
	}
	return string(found.InstanceType) != i.Type || !i.runsUnder(found.IamInstanceProfile)
}

// runsUnder reports whether profile is the desired instance profile; while the identity service has not provided
// its name, any profile is. EC2 reports the ARN, and the identity service the name.
func (i *Instance) runsUnder(profile *types.IamInstanceProfile) bool {
	return i.Profile.Value == "" || profile != nil && strings.HasSuffix(aws.ToString(profile.Arn), "/"+i.Profile.Value)
}

// Create implements graph.Resource.
func (i *Instance) Create(ctx context.Context) (graph.State, error) {
	userData, err := i.Boot.userData()
	if err != nil {
		return graph.Absent, err
	}
	root := machine.RootVolume(rootGiB)
	own := i.owner.KubernetesTag("owned")
	out, err := i.RunInstances(ctx, &ec2.RunInstancesInput{
		MinCount:     aws.Int32(1),
		MaxCount:     aws.Int32(1),
		ClientToken:  aws.String(i.Token()),
		ImageId:      aws.String(i.Image),
		InstanceType: types.InstanceType(i.Type),
		NetworkInterfaces: []types.InstanceNetworkInterfaceSpecification{
			{DeviceIndex: aws.Int32(0), NetworkInterfaceId: aws.String(i.Interface.ID())},
		},
		IamInstanceProfile: &types.IamInstanceProfileSpecification{Name: aws.String(i.Profile.Value)},
		MetadataOptions: &types.InstanceMetadataOptionsRequest{
			HttpEndpoint:            types.InstanceMetadataEndpointStateEnabled,
			HttpTokens:              types.HttpTokensStateRequired,
			HttpPutResponseHopLimit: aws.Int32(machine.MetadataHops),
		},
		BlockDeviceMappings: []types.BlockDeviceMapping{{DeviceName: aws.String(machine.RootDevice), Ebs: &root}},
		UserData:            userData,
		TagSpecifications: append(
			i.owner.EC2Tags(types.ResourceTypeInstance, i.Name(), i.Token(), own),
			i.owner.EC2Tags(types.ResourceTypeVolume, "root-volume/"+i.Member.Name, i.Token(), own)...),
	})
	if err != nil {
		return graph.Absent, tooNew(err)
	}
	for _, instance := range out.Instances {
		i.SetID(aws.ToString(instance.InstanceId))
	}
	return graph.Pending, nil
}

// Delete implements graph.Resource.
func (i *Instance) Delete(ctx context.Context) error {
	_, err := i.TerminateInstances(ctx, &ec2.TerminateInstancesInput{InstanceIds: []string{i.ID()}})
	return errorclass.IgnoreNotFound(err)
}
