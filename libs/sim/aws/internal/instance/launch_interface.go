package instance

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/latency"
	"github.com/skep-dev/skep/libs/sim/aws/internal/ec2api"
	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
	"github.com/skep-dev/skep/libs/sim/aws/internal/vpc"
)

type nicRequest = types.LaunchTemplateInstanceNetworkInterfaceSpecificationRequest

// planInterfaces returns the network interfaces of an instance and their zone. A request without interfaces gets one in
// its subnet.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceNetworkInterfaceSpecification.html
func planInterfaces(c *engine.Call, l LaunchRequest) ([]nicRequest, ec2api.Zone, error) {
	nics := slices.Clone(l.NetworkInterfaces)
	switch {
	case len(nics) == 0 && l.Subnet == nil:
		return nil, ec2api.Zone{}, engine.Refuse("VPCIdNotSpecified", "No default VPC for this user. Use a subnet or a network interface.")
	case len(nics) == 0:
		nics = []nicRequest{{DeviceIndex: aws.Int32(0), SubnetId: l.Subnet, Groups: l.SecurityGroupIds, PrivateIpAddress: l.PrivateIP}}
	case l.Group != "" && nics[0].SubnetId == nil:
		nics[0].SubnetId = l.Subnet // the Auto Scaling group decides
	case l.Subnet != nil, len(l.SecurityGroupIds) > 0:
		return nil, ec2api.Zone{}, engine.Refuse("InvalidParameterCombination", "Network interfaces and an instance-level subnet ID or security groups may not be specified on the same request")
	}
	var zone ec2api.Zone
	for n, nic := range nics {
		if slices.ContainsFunc(nics[:n], func(other nicRequest) bool { return aws.ToInt32(other.DeviceIndex) == aws.ToInt32(nic.DeviceIndex) }) {
			return nil, zone, engine.Refuse("InvalidParameterValue", "Each network interface requires a unique device index.")
		}
		s, err := checkInterface(c, l, nic)
		if err != nil {
			return nil, zone, err
		}
		if n > 0 && s.Data.Zone != zone {
			return nil, zone, engine.Refuse("InvalidParameterCombination", "The network interfaces of an instance have to be in one Availability Zone")
		}
		zone = s.Data.Zone
	}
	if l.Placement != nil && l.Placement.AvailabilityZone != nil && *l.Placement.AvailabilityZone != zone.Name {
		return nil, zone, engine.Refuse("InvalidParameterValue", "The availability zone '%s' is not that of the subnet, '%s'", *l.Placement.AvailabilityZone, zone.Name)
	}
	if !slices.ContainsFunc(nics, func(nic nicRequest) bool { return aws.ToInt32(nic.DeviceIndex) == 0 }) {
		return nil, zone, engine.Refuse("InvalidParameterCombination", "There is no network interface with device index 0")
	}
	return nics, zone, nil
}

// checkInterface checks a new or existing network interface and returns its subnet.
func checkInterface(c *engine.Call, l LaunchRequest, nic nicRequest) (*engine.Resource[vpc.Subnet], error) {
	if nic.NetworkInterfaceId != nil {
		eni, err := vpc.NetworkInterfaces.Get(c, nic.NetworkInterfaceId)
		switch {
		case err != nil:
			return nil, err
		case eni.Data.AttachedTo != "" || eni.Deleting():
			return nil, engine.Refuse("InvalidNetworkInterface.InUse", "Interface: [%s] in use.", eni.ID)
		case l.Max > 1:
			return nil, engine.Refuse("InvalidParameterCombination", "A network interface may not be specified when launching more than one instance")
		case nic.SubnetId != nil, len(nic.Groups) > 0, nic.AssociatePublicIpAddress != nil, aws.ToBool(nic.DeleteOnTermination):
			return nil, engine.Refuse("InvalidParameterCombination", "A network interface may not specify both a network interface ID and what a new one would have")
		}
		return vpc.Subnets.Get(c, &eni.Data.Subnet)
	}
	s, err := vpc.Subnets.Get(c, nic.SubnetId)
	if err != nil {
		return nil, err
	}
	for _, id := range nic.Groups {
		g, err := vpc.SecurityGroups.Get(c, &id)
		if err != nil {
			return nil, err
		}
		if g.Data.VPC != s.Data.VPC {
			return nil, engine.Refuse("InvalidParameter", "Security group %s and subnet %s belong to different networks.", id, s.ID)
		}
	}
	if s.Data.FreeAddresses(c, s.ID) < l.Min {
		return nil, engine.Refuse("InsufficientFreeAddressesInSubnet", "There are not enough free addresses in subnet '%s' to satisfy the requested number of instances.", s.ID)
	}
	if nic.PrivateIpAddress != nil {
		if l.Max > 1 {
			return nil, engine.Refuse("InvalidParameterCombination", "An address may not be specified when launching more than one instance")
		}
		_, err = vpc.FreeAddress(c, s, nic.PrivateIpAddress)
	}
	return s, err
}

// newInstance creates one instance of a planned launch.
func newInstance(c *engine.Call, l LaunchRequest, p launchPlan, reservation string, index int32) (*engine.Resource[Instance], error) {
	i := Instance{
		Reservation: reservation, Token: l.ClientToken, Index: index, Image: p.image.ID, Type: p.instanceType.Name, Architecture: p.instanceType.Architecture,
		VCPUs: p.instanceType.VCPUs, Zone: p.zone.Name, Profile: p.profile, UserData: aws.ToString(l.UserData), Metadata: metadataOf(l.MetadataOptions),
		Spot: l.InstanceMarketOptions != nil, EBSOptimized: aws.ToBool(l.EbsOptimized), Protected: aws.ToBool(l.DisableApiTermination),
		Monitored: l.Monitoring != nil && aws.ToBool(l.Monitoring.Enabled), Group: l.Group, Template: l.TemplateID, TemplateVersion: l.TemplateVersion,
	}
	r := Instances.Create(c, "", i, p.tags[types.ResourceTypeInstance])
	salt := r.Name()
	r.ReadyAt = c.After(latency.InstanceRunning, salt)
	r.Data.BootedAt = r.ReadyAt.Add(c.Latency(latency.InstanceBooted, salt))
	for _, nic := range p.nics {
		eni, err := attachInterface(c, r, nic, p.tags[types.ResourceTypeNetworkInterface])
		if err != nil {
			return nil, err
		}
		r.Data.Interfaces = append(r.Data.Interfaces, instanceInterface{
			ID: eni.ID, Device: aws.ToInt32(nic.DeviceIndex), DeleteOnTermination: eni.Data.DeleteOnTermination,
		})
		if aws.ToInt32(nic.DeviceIndex) == 0 {
			r.Data.VPC, r.Data.Subnet, r.Data.PrivateIP = eni.Data.VPC, eni.Data.Subnet, eni.Data.PrivateIP
		}
	}
	Instances.Put(c, r)
	for _, d := range p.devices {
		attach(c, Volumes.Create(c, "", d.disk, p.tags[types.ResourceTypeVolume]), r, d.name, d.deleteOnTermination)
	}
	return r, nil
}

// attachInterface gives an instance a new or existing network interface. A new primary interface gets a public address
// if the subnet or the request says so.
func attachInterface(c *engine.Call, r *engine.Resource[Instance], nic nicRequest, tags map[string]string) (*engine.Resource[vpc.NetworkInterface], error) {
	if nic.NetworkInterfaceId != nil {
		eni, err := vpc.NetworkInterfaces.Get(c, nic.NetworkInterfaceId)
		if err != nil {
			return nil, err
		}
		eni.Data.AttachedTo, eni.Data.DeleteOnTermination = r.ID, false
		vpc.NetworkInterfaces.Put(c, eni)
		return eni, nil
	}
	eni, err := vpc.NewNetworkInterface(c, nic.SubnetId, nic.PrivateIpAddress, vpc.NetworkInterface{
		Groups: nic.Groups, Description: aws.ToString(nic.Description), Type: types.NetworkInterfaceTypeInterface, AttachedTo: r.ID,
		DeleteOnTermination: nic.DeleteOnTermination == nil || *nic.DeleteOnTermination,
	}, tags)
	if err != nil {
		return nil, err
	}
	s, err := vpc.Subnets.Get(c, nic.SubnetId)
	if err != nil {
		return nil, err
	}
	public := s.Data.MapPublicIP
	if nic.AssociatePublicIpAddress != nil {
		public = *nic.AssociatePublicIpAddress
	}
	if public && aws.ToInt32(nic.DeviceIndex) == 0 {
		eni.Data.PublicIP = vpc.NewPublicIP(c)
		vpc.NetworkInterfaces.Put(c, eni)
	}
	return eni, nil
}

// metadataOf returns the options of the metadata service, with the defaults of AWS.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
func metadataOf(in *types.LaunchTemplateInstanceMetadataOptionsRequest) types.InstanceMetadataOptionsResponse {
	out := types.InstanceMetadataOptionsResponse{
		HttpEndpoint: types.InstanceMetadataEndpointStateEnabled, HttpTokens: types.HttpTokensStateOptional, HttpPutResponseHopLimit: aws.Int32(1),
		HttpProtocolIpv6: types.InstanceMetadataProtocolStateDisabled, InstanceMetadataTags: types.InstanceMetadataTagsStateDisabled,
		State: types.InstanceMetadataOptionsStateApplied,
	}
	if in == nil {
		return out
	}
	if in.HttpEndpoint != "" {
		out.HttpEndpoint = types.InstanceMetadataEndpointState(in.HttpEndpoint)
	}
	if in.HttpTokens != "" {
		out.HttpTokens = types.HttpTokensState(in.HttpTokens)
	}
	if in.HttpPutResponseHopLimit != nil {
		out.HttpPutResponseHopLimit = in.HttpPutResponseHopLimit
	}
	if in.HttpProtocolIpv6 != "" {
		out.HttpProtocolIpv6 = types.InstanceMetadataProtocolState(in.HttpProtocolIpv6)
	}
	if in.InstanceMetadataTags != "" {
		out.InstanceMetadataTags = types.InstanceMetadataTagsState(in.InstanceMetadataTags)
	}
	return out
}
