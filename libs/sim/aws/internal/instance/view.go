package instance

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/ec2api"
	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
	"github.com/skep-dev/skep/libs/sim/aws/internal/vpc"
)

// instanceStateCodes are the codes of the instance states.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceState.html
var instanceStateCodes = map[types.InstanceStateName]int32{
	types.InstanceStateNamePending: 0, types.InstanceStateNameRunning: 16,
	types.InstanceStateNameShuttingDown: 32, types.InstanceStateNameTerminated: 48,
}

func stateOf(name types.InstanceStateName) *types.InstanceState {
	return &types.InstanceState{Name: name, Code: aws.Int32(instanceStateCodes[name])}
}

func showInstance(c *engine.Call, r *engine.Resource[Instance]) types.Instance {
	i := r.Data
	state := State(c, r)
	shown := types.Instance{
		InstanceId: aws.String(r.ID), AmiLaunchIndex: aws.Int32(i.Index), Architecture: i.Architecture, ClientToken: engine.Optional(i.Token),
		EbsOptimized: aws.Bool(i.EBSOptimized), EnaSupport: aws.Bool(true), Hypervisor: types.HypervisorTypeXen, ImageId: aws.String(i.Image),
		InstanceType: types.InstanceType(i.Type), LaunchTime: aws.Time(r.CreatedAt), State: stateOf(state), Tags: ec2api.Tags(c.VisibleTags(&r.Metadata)),
		Monitoring: &types.Monitoring{State: types.MonitoringStateDisabled}, MetadataOptions: new(i.Metadata),
		Placement:      &types.Placement{AvailabilityZone: aws.String(i.Zone), Tenancy: types.TenancyDefault},
		RootDeviceName: aws.String(rootDevice), RootDeviceType: types.DeviceTypeEbs, VirtualizationType: types.VirtualizationTypeHvm,
		PlatformDetails: aws.String("Linux/UNIX"), StateTransitionReason: aws.String(i.Reason),
	}
	if i.Monitored {
		shown.Monitoring.State = types.MonitoringStateEnabled
	}
	if i.Spot {
		shown.InstanceLifecycle = types.InstanceLifecycleTypeSpot
	}
	if i.Profile != "" {
		shown.IamInstanceProfile = &types.IamInstanceProfile{Arn: aws.String(i.Profile)}
	}
	if i.Reason != "" {
		shown.StateReason = &types.StateReason{Code: aws.String("Client.UserInitiatedShutdown"), Message: aws.String(i.Reason)}
	}
	if state == types.InstanceStateNameTerminated {
		return shown
	}
	shown.VpcId, shown.SubnetId = aws.String(i.VPC), aws.String(i.Subnet)
	shown.PrivateIpAddress = aws.String(i.PrivateIP)
	shown.PrivateDnsName = aws.String("ip-" + strings.ReplaceAll(i.PrivateIP, ".", "-") + "." + c.Region + ".compute.internal")
	for _, nic := range i.Interfaces {
		showInterface(c, r, nic, &shown)
	}
	for _, v := range Volumes.OwnedBy(c, r.ID) {
		state := v.Data.attachment(c.Now())
		if state == types.VolumeAttachmentStateDetached {
			continue
		}
		shown.BlockDeviceMappings = append(shown.BlockDeviceMappings, types.InstanceBlockDeviceMapping{
			DeviceName: aws.String(v.Data.Device), Ebs: &types.EbsInstanceBlockDevice{
				VolumeId: aws.String(v.ID), AttachTime: aws.Time(v.Data.Attached), DeleteOnTermination: aws.Bool(v.Data.DeleteOnTermination),
				Status: types.AttachmentStatus(state),
			},
		})
	}
	return shown
}

// showInterface adds a network interface to an instance. The groups and the public address of the instance are those of
// its primary interface.
func showInterface(c *engine.Call, r *engine.Resource[Instance], nic instanceInterface, shown *types.Instance) {
	eni, ok := vpc.NetworkInterfaces.Find(c, nic.ID)
	if !ok {
		return
	}
	full := vpc.DescribeNetworkInterface(c, eni)
	view := types.InstanceNetworkInterface{
		NetworkInterfaceId: full.NetworkInterfaceId, Description: full.Description, Groups: slices.Clone(full.Groups), OwnerId: full.OwnerId,
		PrivateIpAddress: full.PrivateIpAddress, SourceDestCheck: full.SourceDestCheck, Status: full.Status, SubnetId: full.SubnetId,
		VpcId: full.VpcId, InterfaceType: aws.String(string(full.InterfaceType)),
		Attachment: &types.InstanceNetworkInterfaceAttachment{
			AttachTime: aws.Time(r.CreatedAt), DeleteOnTermination: aws.Bool(nic.DeleteOnTermination), DeviceIndex: aws.Int32(nic.Device),
			Status: types.AttachmentStatusAttached,
		},
	}
	if full.Association != nil {
		view.Association = &types.InstanceNetworkInterfaceAssociation{PublicIp: full.Association.PublicIp, IpOwnerId: full.Association.IpOwnerId}
	}
	if nic.Device == 0 {
		shown.SecurityGroups, shown.SourceDestCheck = view.Groups, view.SourceDestCheck
		if view.Association != nil {
			shown.PublicIpAddress = view.Association.PublicIp
		}
	}
	shown.NetworkInterfaces = append(shown.NetworkInterfaces, view)
}
