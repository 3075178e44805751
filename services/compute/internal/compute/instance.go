package compute

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/latency"
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// Instance is the machine of a control-plane member. It has no address of its
// own: its network interface brings one. RunInstances takes a client token.
//
// It is ready when it runs. What it boots into is the business of whoever made
// the image, and the load balancer looks at its health.
type Instance struct {
	graph.Node
	account
	Member    Member
	Interface *NetworkInterface
	Profile   *graph.Awaited
	Boot      *Boot
	Type      string
	Image     string
}

// rootGiB is the size of a root volume: images, logs and what the kubelet keeps.
const rootGiB = 40

// Name implements graph.Resource.
func (i *Instance) Name() string { return "instance/" + i.Member.Name }

// Needs implements graph.Resource.
func (i *Instance) Needs() []graph.Resource {
	return []graph.Resource{i.Interface, i.Profile, i.Boot.API}
}

// Repeatable implements graph.Repeatable.
func (i *Instance) Repeatable() {}

// Usual implements graph.Slow.
func (i *Instance) Usual() graph.Latency {
	return graph.Latency{Ready: latency.Of(latency.InstanceRunning), Gone: latency.Of(latency.InstanceDeleted)}
}

// Observe implements graph.Resource. A terminated instance stays visible for an
// hour; it is gone all the same.
func (i *Instance) Observe(ctx context.Context) (graph.State, error) {
	found, err := session.FindInstance(ctx, i, i.ID(), i.Token())
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
			Message: "the instance was stopped", Remedy: "Start it, or terminate it to have it replaced."}
	case types.InstanceStateNamePending, types.InstanceStateNameShuttingDown:
	}
	return graph.Pending, nil
}

// drifted reports whether somebody changed what can be changed of an instance.
func (i *Instance) drifted(found *types.Instance) bool {
	if i.Type == "" {
		// This is a deletion, which declares nothing.
		return false
	}
	metadata := found.MetadataOptions
	if metadata == nil || metadata.HttpTokens != types.HttpTokensStateRequired || aws.ToInt32(metadata.HttpPutResponseHopLimit) != session.MetadataHops {
		return true
	}
	return string(found.InstanceType) != i.Type || !i.runsUnder(found.IamInstanceProfile)
}

// runsUnder reports whether this is the profile that is declared, of which AWS
// tells the ARN and not the name. While it is not known, it is.
func (i *Instance) runsUnder(profile *types.IamInstanceProfile) bool {
	return i.Profile.Value == "" || profile != nil && strings.HasSuffix(aws.ToString(profile.Arn), "/"+i.Profile.Value)
}

// Create implements graph.Resource.
func (i *Instance) Create(ctx context.Context) (graph.State, error) {
	userData, err := i.Boot.userData()
	if err != nil {
		return graph.Absent, err
	}
	root := session.RootVolume(rootGiB)
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
			HttpPutResponseHopLimit: aws.Int32(session.MetadataHops),
		},
		BlockDeviceMappings: []types.BlockDeviceMapping{{DeviceName: aws.String(session.RootDevice), Ebs: &root}},
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
	return session.IgnoreGone(err)
}
