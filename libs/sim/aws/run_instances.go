package aws

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// specification is what instances are launched from, by RunInstances, by a launch template, or by both.
type specification = types.RequestLaunchTemplateData

// specificationFields are the fields of it that are understood, and so those of RunInstances that have the same names.
var specificationFields = engine.Fields{
	"BlockDeviceMappings", "DisableApiTermination", "EbsOptimized", "IamInstanceProfile", "ImageId", "InstanceInitiatedShutdownBehavior",
	"InstanceMarketOptions", "InstanceType", "MetadataOptions", "Monitoring", "NetworkInterfaces", "Placement", "SecurityGroupIds",
	"TagSpecifications", "UserData",
}

func handleRunInstances(s *engine.Service) {
	own := engine.Fields{"ClientToken", "LaunchTemplate", "MaxCount", "MinCount", "PrivateIpAddress", "SubnetId"}
	engine.Handle(s, "RunInstances", append(own, specificationFields...), runInstances)
}

// runInstances makes between MinCount and MaxCount instances, or none. A client token is good for as long as the world
// lives; when its instances have ended the request is refused.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Run_Instance_Idempotency.html
func runInstances(c *engine.Call, in *ec2.RunInstancesInput) (*ec2.RunInstancesOutput, error) {
	r, err := once(c, reservations, in.ClientToken, in, func() (*engine.Resource[reservation], error) {
		l := launchRequest{min: int(aws.ToInt32(in.MinCount)), max: int(aws.ToInt32(in.MaxCount)), subnet: in.SubnetId, ip: in.PrivateIpAddress, token: aws.ToString(in.ClientToken)}
		if l.min < 1 || l.max < l.min {
			return nil, engine.Refuse("InvalidParameterCombination", "MinCount %d and MaxCount %d do not go together", l.min, l.max)
		}
		if in.LaunchTemplate != nil {
			t, v, err := findTemplateVersion(c, in.LaunchTemplate.LaunchTemplateId, in.LaunchTemplate.LaunchTemplateName, in.LaunchTemplate.Version)
			if err != nil {
				return nil, err
			}
			l.specification, l.template, l.version = v.Data.Specification, t.ID, v.Data.Number
		}
		override(&l.specification, engine.Convert[specification](in))
		return launch(c, l)
	})
	if err != nil {
		return nil, err
	}
	out := &ec2.RunInstancesOutput{ReservationId: aws.String(r.ID), OwnerId: aws.String(c.Account)}
	for _, id := range r.Data.Instances {
		i, ok := instances.Find(c, id)
		if !ok || i.Deleting() {
			return nil, engine.Refuse("IdempotentInstanceTerminated", "The request uses the same client token as a previous request for which the instance %s has been terminated.", id)
		}
		out.Instances = append(out.Instances, showInstance(c, i))
	}
	return out, nil
}

// override replaces whatever the other one sets.
func override(s *specification, other specification) {
	to, from := reflect.ValueOf(s).Elem(), reflect.ValueOf(other)
	for i := range from.NumField() {
		if to.Field(i).CanSet() && !from.Field(i).IsZero() {
			to.Field(i).Set(from.Field(i))
		}
	}
}

// guardSpecification panics over what is not understood inside a specification.
func guardSpecification(c *engine.Call, s *specification) {
	engine.Guard(c.Operation, s, specificationFields...)
	for _, mapping := range s.BlockDeviceMappings {
		engine.Guard(c.Operation, mapping, "DeviceName", "Ebs")
		if mapping.Ebs != nil {
			engine.Guard(c.Operation, mapping.Ebs, "DeleteOnTermination", "Encrypted", "Iops", "KmsKeyId", "Throughput", "VolumeSize", "VolumeType")
		}
	}
	for _, nic := range s.NetworkInterfaces {
		engine.Guard(c.Operation, nic, "AssociatePublicIpAddress", "DeleteOnTermination", "Description", "DeviceIndex", "Groups", "NetworkInterfaceId", "PrivateIpAddress", "SubnetId")
	}
	if s.Placement != nil {
		engine.Guard(c.Operation, s.Placement, "AvailabilityZone", "Tenancy")
		if s.Placement.Tenancy != "" && s.Placement.Tenancy != types.TenancyDefault {
			c.Unsimulated("Tenancy", s.Placement.Tenancy)
		}
	}
	if s.InstanceMarketOptions != nil && s.InstanceMarketOptions.MarketType != types.MarketTypeSpot {
		c.Unsimulated("MarketType", s.InstanceMarketOptions.MarketType)
	}
}
