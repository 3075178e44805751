package instance

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/ec2api"
	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// Specification describes the instances of a launch. It comes from RunInstances, from a launch template, or from both.
type Specification = types.RequestLaunchTemplateData

// specificationFields are the fields of a Specification that the simulation understands. RunInstances has fields with
// the same names.
var specificationFields = engine.Fields{
	"BlockDeviceMappings", "DisableApiTermination", "EbsOptimized", "IamInstanceProfile", "ImageId", "InstanceInitiatedShutdownBehavior",
	"InstanceMarketOptions", "InstanceType", "MetadataOptions", "Monitoring", "NetworkInterfaces", "Placement", "SecurityGroupIds",
	"TagSpecifications", "UserData",
}

func handleRunInstances(s *engine.Service) {
	own := engine.Fields{"ClientToken", "LaunchTemplate", "MaxCount", "MinCount", "PrivateIpAddress", "SubnetId"}
	engine.Handle(s, "RunInstances", append(own, specificationFields...), RunInstances)
}

// RunInstances launches between MinCount and MaxCount instances, or none. It remembers client tokens forever. It
// refuses a token whose instances have been terminated.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Run_Instance_Idempotency.html
func RunInstances(c *engine.Call, in *ec2.RunInstancesInput) (*ec2.RunInstancesOutput, error) {
	r, err := ec2api.Once(c, reservations, in.ClientToken, in, func() (*engine.Resource[Reservation], error) {
		l := LaunchRequest{Min: int(aws.ToInt32(in.MinCount)), Max: int(aws.ToInt32(in.MaxCount)), Subnet: in.SubnetId, PrivateIP: in.PrivateIpAddress, ClientToken: aws.ToString(in.ClientToken)}
		if l.Min < 1 || l.Max < l.Min {
			return nil, engine.Refuse("InvalidParameterCombination", "MinCount %d and MaxCount %d do not go together", l.Min, l.Max)
		}
		if in.LaunchTemplate != nil {
			t, v, err := FindTemplateVersion(c, in.LaunchTemplate.LaunchTemplateId, in.LaunchTemplate.LaunchTemplateName, in.LaunchTemplate.Version)
			if err != nil {
				return nil, err
			}
			l.Specification, l.TemplateID, l.TemplateVersion = v.Data.Specification, t.ID, v.Data.Number
		}
		override(&l.Specification, engine.Convert[Specification](in))
		return Launch(c, l)
	})
	if err != nil {
		return nil, err
	}
	out := &ec2.RunInstancesOutput{ReservationId: aws.String(r.ID), OwnerId: aws.String(c.Account)}
	for _, id := range r.Data.Instances {
		i, ok := Instances.Find(c, id)
		if !ok || i.Deleting() {
			return nil, engine.Refuse("IdempotentInstanceTerminated", "The request uses the same client token as a previous request for which the instance %s has been terminated.", id)
		}
		out.Instances = append(out.Instances, showInstance(c, i))
	}
	return out, nil
}

// override replaces the fields of a specification that the other one sets.
func override(s *Specification, other Specification) {
	to, from := reflect.ValueOf(s).Elem(), reflect.ValueOf(other)
	for i := range from.NumField() {
		if to.Field(i).CanSet() && !from.Field(i).IsZero() {
			to.Field(i).Set(from.Field(i))
		}
	}
}

// guardSpecification panics if a field inside a specification is set and not understood.
func guardSpecification(c *engine.Call, s *Specification) {
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
