package instance

import (
	"cmp"
	"encoding/base64"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/ec2api"
	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
	"github.com/skep-dev/skep/libs/sim/aws/internal/iam"
)

// LaunchRequest asks for one or more equal instances.
type LaunchRequest struct {
	Specification
	Min, Max        int
	Subnet          *string // if there are no network interfaces
	PrivateIP       *string
	ClientToken     string
	TemplateID      string
	TemplateVersion int64
	Group           string            // Auto Scaling group
	GroupTags       map[string]string // tags of the group for its instances
}

// launchPlan is a launch that has passed all checks.
type launchPlan struct {
	count        int
	image        *engine.Resource[Image]
	instanceType Type
	zone         ec2api.Zone
	profile      string
	nics         []types.LaunchTemplateInstanceNetworkInterfaceSpecificationRequest
	devices      []device
	tags         map[types.ResourceType]map[string]string
}

// device is a volume that is created with an instance.
type device struct {
	name                string
	disk                Volume
	deleteOnTermination bool
}

// Launch creates instances with their network interfaces and volumes, or nothing if a check fails.
func Launch(c *engine.Call, l LaunchRequest) (*engine.Resource[Reservation], error) {
	guardSpecification(c, &l.Specification)
	p, err := planLaunch(c, l)
	if err != nil {
		return nil, err
	}
	r := reservations.Create(c, "", Reservation{}, nil)
	for index := range p.count {
		i, err := newInstance(c, l, p, r.ID, int32(index))
		if err != nil {
			return nil, err
		}
		r.Data.Instances = append(r.Data.Instances, i.ID)
	}
	reservations.Put(c, r)
	c.Spend(capacityName(p.zone.Name, p.instanceType.Name), int64(p.count))
	return r, nil
}

// planLaunch makes all checks before anything is created.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html
func planLaunch(c *engine.Call, l LaunchRequest) (p launchPlan, err error) {
	if l.ImageId == nil {
		return p, engine.MissingParameter("ImageId")
	}
	if p.image, err = findImage(c, *l.ImageId); err != nil {
		return p, err
	}
	if p.instanceType, err = FindType(cmp.Or(l.InstanceType, "m5.large")); err != nil {
		return p, err
	}
	if p.instanceType.Architecture != p.image.Data.Architecture {
		return p, engine.Refuse("InvalidParameterValue", "The architecture '%s' of the specified instance type does not match the architecture '%s' of the specified AMI.", p.instanceType.Architecture, p.image.Data.Architecture)
	}
	if err := checkUserData(l.UserData); err != nil {
		return p, err
	}
	if p.profile, err = iam.UsableProfile(c, l.IamInstanceProfile); err != nil {
		return p, err
	}
	if p.tags, err = launchTags(c, l); err != nil {
		return p, err
	}
	if p.nics, p.zone, err = planInterfaces(c, l); err != nil {
		return p, err
	}
	if p.devices, err = fitDevices(p.zone, l.BlockDeviceMappings); err != nil {
		return p, err
	}
	p.count, err = availableCount(c, l, p)
	return p, err
}

// userDataLimit is in bytes, before base64.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html
const userDataLimit = 16 << 10

func checkUserData(text *string) error {
	data, err := base64.StdEncoding.DecodeString(aws.ToString(text))
	switch {
	case err != nil:
		return engine.Refuse("InvalidUserData.Malformed", "Invalid BASE64 encoding of user data.")
	case len(data) > userDataLimit:
		return engine.Refuse("InvalidParameterValue", "User data is limited to 16384 bytes")
	}
	return nil
}

// launchTags returns the tags of a launch by the type of resource that gets them.
func launchTags(c *engine.Call, l LaunchRequest) (map[types.ResourceType]map[string]string, error) {
	tags := map[types.ResourceType]map[string]string{}
	for _, s := range l.TagSpecifications {
		switch s.ResourceType {
		case types.ResourceTypeInstance, types.ResourceTypeVolume, types.ResourceTypeNetworkInterface:
		default:
			return nil, engine.Refuse("InvalidParameterValue", "'%s' is not a valid taggable resource type for this operation.", s.ResourceType)
		}
		own, err := ec2api.ReadTags(c, []types.TagSpecification{{ResourceType: s.ResourceType, Tags: s.Tags}}, string(s.ResourceType))
		if err != nil {
			return nil, err
		}
		tags[s.ResourceType] = own
	}
	if l.Group != "" {
		own := map[string]string{"aws:autoscaling:groupName": l.Group, "aws:ec2launchtemplate:id": l.TemplateID}
		for _, more := range []map[string]string{tags[types.ResourceTypeInstance], l.GroupTags} {
			for key, value := range more {
				own[key] = value
			}
		}
		tags[types.ResourceTypeInstance] = own
	}
	return tags, nil
}

// unlimited is the capacity of a zone for which SetCapacity was not called.
const unlimited = 1 << 20

// capacityName is the setting that holds how many more instances of a type a zone has room for.
func capacityName(zone, instanceType string) string { return "capacity/" + zone + "/" + instanceType }

// SetCapacity sets how many more instances of a type a zone has room for.
func SetCapacity(c *engine.Call, zone, instanceType string, instances int) {
	c.Set(capacityName(zone, instanceType), int64(instances))
}

// availableCount returns how many of the requested instances quota and capacity allow. It refuses if that is less than
// the minimum.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/troubleshooting-launch.html
func availableCount(c *engine.Call, l LaunchRequest, p launchPlan) (int, error) {
	left := int(c.Setting(capacityName(p.zone.Name, p.instanceType.Name), unlimited))
	if left < l.Min {
		return 0, engine.Refuse("InsufficientInstanceCapacity", "We currently do not have sufficient %s capacity in the Availability Zone you requested (%s). Our system will be working on provisioning additional capacity.", p.instanceType.Name, p.zone.Name)
	}
	used := 0
	for _, i := range Instances.List(c) {
		if !i.Deleted(c.Now()) {
			used += i.Data.VCPUs
		}
	}
	for count := min(l.Max, left); ; count-- {
		err := c.CheckQuota("VCPUsPerRegion", used+count*p.instanceType.VCPUs-1, "VcpuLimitExceeded", "You have requested more vCPU capacity than your current vCPU limit allows for the instance bucket that the specified instance type belongs to.")
		if err == nil || count == l.Min {
			return count, err
		}
	}
}

// fitDevices returns the volumes of an instance, which always include the root volume.
func fitDevices(zone ec2api.Zone, mappings []types.LaunchTemplateBlockDeviceMappingRequest) ([]device, error) {
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
			return nil, engine.MissingParameter("ebs")
		}
		size := m.Ebs.VolumeSize
		if name == rootDevice && size == nil {
			size = aws.Int32(imageSize)
		}
		if name == rootDevice && *size < imageSize {
			return nil, engine.Refuse("InvalidBlockDeviceMapping", "Volume of size %dGB is smaller than snapshot, expect size >= %dGB", *size, imageSize)
		}
		if name == "" || slices.ContainsFunc(devices, func(d device) bool { return d.name == name }) {
			return nil, engine.Refuse("InvalidBlockDeviceMapping", "Device name '%s' is missing or used twice", name)
		}
		v, err := NewVolume(zone, m.Ebs.VolumeType, size, m.Ebs.Iops, m.Ebs.Throughput, m.Ebs.Encrypted, m.Ebs.KmsKeyId)
		if err != nil {
			return nil, err
		}
		devices = append(devices, device{name, v, m.Ebs.DeleteOnTermination == nil || *m.Ebs.DeleteOnTermination})
	}
	return devices, nil
}
