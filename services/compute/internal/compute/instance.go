package compute

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/latency"
	"github.com/skep-dev/skep/libs/aws/machine"
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
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
	return graph.Latency{Ready: latency.Of(latency.InstanceRunning), Deleted: latency.Of(latency.InstanceDeleted)}
}

// Observe implements graph.Resource.
func (i *Instance) Observe(ctx context.Context) (graph.State, error) {
	found, err := machine.FindInstance(ctx, i, i.ID(), i.Token())
	if err != nil || found == nil {
		return graph.Absent, err
	}
	i.SetID(aws.ToString(found.InstanceId))
	switch state, err := machine.StateOf(found); state {
	case machine.Running:
		if i.launch().Drifted(found) || !i.runsUnder(found.IamInstanceProfile) {
			return graph.Drifted, nil
		}
		return graph.Ready, nil
	case machine.Unusable:
		return graph.Absent, err
	case machine.Changing:
	}
	return graph.Pending, nil
}

// launch returns what the instance has in common with the machines of other services.
func (i *Instance) launch() machine.Launch {
	return machine.Launch{
		Owner: i.owner, Name: i.Name(), Token: i.Token(), Type: i.Type, Image: i.Image,
		RootGiB: rootGiB, MetadataHops: machine.MetadataHops, Tags: []session.Tag{i.owner.KubernetesTag("owned")},
	}
}

// runsUnder reports whether profile is the desired instance profile. While the name is unknown, any profile is: during
// a delete, or until the identity service provides it. EC2 reports the ARN, and the identity service the name.
func (i *Instance) runsUnder(profile *types.IamInstanceProfile) bool {
	return i.Profile == nil || i.Profile.Value == "" || profile != nil && strings.HasSuffix(aws.ToString(profile.Arn), "/"+i.Profile.Value)
}

// Create implements graph.Resource.
func (i *Instance) Create(ctx context.Context) (graph.State, error) {
	userData, err := i.Boot.userData()
	if err != nil {
		return graph.Absent, err
	}
	in := i.launch().Input()
	in.NetworkInterfaces = []types.InstanceNetworkInterfaceSpecification{
		{DeviceIndex: aws.Int32(0), NetworkInterfaceId: aws.String(i.Interface.ID())},
	}
	in.IamInstanceProfile = &types.IamInstanceProfileSpecification{Name: aws.String(i.Profile.Value)}
	in.UserData = userData
	out, err := i.RunInstances(ctx, in)
	if err != nil {
		return graph.Absent, tooNew(err)
	}
	for _, instance := range out.Instances {
		i.SetID(aws.ToString(instance.InstanceId))
	}
	return graph.Pending, nil
}

// Delete implements graph.Resource.
func (i *Instance) Delete(ctx context.Context) error { return machine.Terminate(ctx, i, i.ID()) }
