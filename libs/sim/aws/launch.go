package aws

import (
	"cmp"
	"encoding/base64"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// launch is one order for instances that are alike.
type launch struct {
	specification
	min, max int
	subnet   *string // in place of network interfaces
	ip       *string
	token    string
	template string
	version  int64
	group    string            // Auto Scaling group
	tags     map[string]string // of the group, on instances
}

// outfit is a launch that has been found to be possible.
type outfit struct {
	count   int
	image   *row[image]
	kind    instanceType
	zone    availabilityZone
	profile string
	nics    []types.LaunchTemplateInstanceNetworkInterfaceSpecificationRequest
	devices []device
	tags    map[types.ResourceType]map[string]string
}

// device is a disk that comes with an instance.
type device struct {
	name                string
	disk                volume
	deleteOnTermination bool
}

// launch makes instances, with their interfaces and disks, or nothing at all.
func (c *call) launch(l launch) (*row[reservation], error) {
	c.guardSpecification(&l.specification)
	o, err := c.fit(l)
	if err != nil {
		return nil, err
	}
	r := reservations.create(c, "", reservation{}, nil)
	for index := range o.count {
		i, err := c.bear(l, o, r.ID, int32(index))
		if err != nil {
			return nil, err
		}
		r.Data.Instances = append(r.Data.Instances, i.ID)
	}
	reservations.put(c, r)
	name := capacityName(o.zone.Name, o.kind.Name)
	if left, limited := settings.in(c.w, scope{}).byID[name]; limited {
		left.Data.Value -= int64(o.count)
		settings.put(c, left)
	}
	return r, nil
}

// fit checks everything before anything is made.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html
func (c *call) fit(l launch) (o outfit, err error) {
	if l.ImageId == nil {
		return o, missing("ImageId")
	}
	if o.image, err = c.imageOf(*l.ImageId); err != nil {
		return o, err
	}
	if o.kind, err = instanceTypeOf(cmp.Or(l.InstanceType, "m5.large")); err != nil {
		return o, err
	}
	if o.kind.Architecture != o.image.Data.Architecture {
		return o, refuse("InvalidParameterValue", "The architecture '%s' of the specified instance type does not match the architecture '%s' of the specified AMI.", o.kind.Architecture, o.image.Data.Architecture)
	}
	if err := checkUserData(l.UserData); err != nil {
		return o, err
	}
	if o.profile, err = c.usableProfile(l.IamInstanceProfile); err != nil {
		return o, err
	}
	if o.tags, err = c.launchTags(l); err != nil {
		return o, err
	}
	if o.nics, o.zone, err = c.fitInterfaces(l); err != nil {
		return o, err
	}
	if o.devices, err = fitDevices(o.zone, l.BlockDeviceMappings); err != nil {
		return o, err
	}
	o.count, err = c.room(l, o)
	return o, err
}

// userDataLimit is in bytes before base64.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html
const userDataLimit = 16 << 10

func checkUserData(text *string) error {
	data, err := base64.StdEncoding.DecodeString(aws.ToString(text))
	switch {
	case err != nil:
		return refuse("InvalidUserData.Malformed", "Invalid BASE64 encoding of user data.")
	case len(data) > userDataLimit:
		return refuse("InvalidParameterValue", "User data is limited to 16384 bytes")
	}
	return nil
}

// launchTags reads the tags for each kind of thing that a launch makes.
func (c *call) launchTags(l launch) (map[types.ResourceType]map[string]string, error) {
	tags := map[types.ResourceType]map[string]string{}
	for _, s := range l.TagSpecifications {
		switch s.ResourceType {
		case types.ResourceTypeInstance, types.ResourceTypeVolume, types.ResourceTypeNetworkInterface:
		default:
			return nil, refuse("InvalidParameterValue", "'%s' is not a valid taggable resource type for this operation.", s.ResourceType)
		}
		own, err := c.tagsOn([]types.TagSpecification{{ResourceType: s.ResourceType, Tags: s.Tags}}, string(s.ResourceType))
		if err != nil {
			return nil, err
		}
		tags[s.ResourceType] = own
	}
	if l.group != "" {
		own := map[string]string{"aws:autoscaling:groupName": l.group, "aws:ec2launchtemplate:id": l.template}
		for _, more := range []map[string]string{tags[types.ResourceTypeInstance], l.tags} {
			for key, value := range more {
				own[key] = value
			}
		}
		tags[types.ResourceTypeInstance] = own
	}
	return tags, nil
}

// room is how many of the wanted instances there is quota and capacity for.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/troubleshooting-launch.html
func (c *call) room(l launch, o outfit) (int, error) {
	left := int(c.w.setting(capacityName(o.zone.Name, o.kind.Name), plenty))
	if left < l.min {
		return 0, refuse("InsufficientInstanceCapacity", "We currently do not have sufficient %s capacity in the Availability Zone you requested (%s). Our system will be working on provisioning additional capacity.", o.kind.Name, o.zone.Name)
	}
	used := 0
	for _, i := range instances.list(c) {
		if !i.deleted(c.now()) {
			used += i.Data.VCPUs
		}
	}
	for count := min(l.max, left); ; count-- {
		err := c.full("VCPUsPerRegion", used+count*o.kind.VCPUs-1, "VcpuLimitExceeded", "You have requested more vCPU capacity than your current vCPU limit allows for the instance bucket that the specified instance type belongs to.")
		if err == nil || count == l.min {
			return count, err
		}
	}
}

// fitDevices reads the disks of an instance. The root disk is always one of them.
func fitDevices(zone availabilityZone, mappings []types.LaunchTemplateBlockDeviceMappingRequest) ([]device, error) {
	if !slices.ContainsFunc(mappings, func(m types.LaunchTemplateBlockDeviceMappingRequest) bool {
		return aws.ToString(m.DeviceName) == rootDevice
	}) {
		root := types.LaunchTemplateBlockDeviceMappingRequest{DeviceName: aws.String(rootDevice), Ebs: &types.LaunchTemplateEbsBlockDeviceRequest{}}
		mappings = append([]types.LaunchTemplateBlockDeviceMappingRequest{root}, mappings...)
	}
	var devices []device
	for _, m := range mappings {
		name := aws.ToString(m.DeviceName)
		if m.Ebs == nil {
			return nil, missing("ebs")
		}
		size := m.Ebs.VolumeSize
		if name == rootDevice && size == nil {
			size = aws.Int32(imageSize)
		}
		if name == rootDevice && *size < imageSize {
			return nil, refuse("InvalidBlockDeviceMapping", "Volume of size %dGB is smaller than snapshot, expect size >= %dGB", *size, imageSize)
		}
		if name == "" || slices.ContainsFunc(devices, func(d device) bool { return d.name == name }) {
			return nil, refuse("InvalidBlockDeviceMapping", "Device name '%s' is missing or used twice", name)
		}
		v, err := disk(zone, m.Ebs.VolumeType, size, m.Ebs.Iops, m.Ebs.Throughput, m.Ebs.Encrypted, m.Ebs.KmsKeyId)
		if err != nil {
			return nil, err
		}
		devices = append(devices, device{name, v, m.Ebs.DeleteOnTermination == nil || *m.Ebs.DeleteOnTermination})
	}
	return devices, nil
}
