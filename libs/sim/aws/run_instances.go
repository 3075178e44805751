package aws

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// specification is what instances are launched from, by RunInstances, by a launch template, or by both.
type specification = types.RequestLaunchTemplateData

// specificationFields are the fields of it that are understood, and so those of RunInstances that have the same names.
var specificationFields = fields{
	"BlockDeviceMappings", "DisableApiTermination", "EbsOptimized", "IamInstanceProfile", "ImageId", "InstanceInitiatedShutdownBehavior",
	"InstanceMarketOptions", "InstanceType", "MetadataOptions", "Monitoring", "NetworkInterfaces", "Placement", "SecurityGroupIds",
	"TagSpecifications", "UserData",
}

func init() {
	own := fields{"ClientToken", "LaunchTemplate", "MaxCount", "MinCount", "PrivateIpAddress", "SubnetId"}
	handle("EC2", "RunInstances", append(own, specificationFields...), runInstances)
}

// runInstances makes between MinCount and MaxCount instances, or none. A client token is good for as long as the world
// lives; when its instances have ended the request is refused.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Run_Instance_Idempotency.html
func runInstances(c *call, in *ec2.RunInstancesInput) (*ec2.RunInstancesOutput, error) {
	r, err := once(c, reservations, in.ClientToken, in, func() (*row[reservation], error) {
		l := launch{min: int(aws.ToInt32(in.MinCount)), max: int(aws.ToInt32(in.MaxCount)), subnet: in.SubnetId, ip: in.PrivateIpAddress, token: aws.ToString(in.ClientToken)}
		if l.min < 1 || l.max < l.min {
			return nil, refuse("InvalidParameterCombination", "MinCount %d and MaxCount %d do not go together", l.min, l.max)
		}
		if in.LaunchTemplate != nil {
			t, v, err := c.templateVersion(in.LaunchTemplate.LaunchTemplateId, in.LaunchTemplate.LaunchTemplateName, in.LaunchTemplate.Version)
			if err != nil {
				return nil, err
			}
			l.specification, l.template, l.version = v.Data.Specification, t.ID, v.Data.Number
		}
		override(&l.specification, convert[specification](in))
		return c.launch(l)
	})
	if err != nil {
		return nil, err
	}
	out := &ec2.RunInstancesOutput{ReservationId: aws.String(r.ID), OwnerId: aws.String(c.Account)}
	for _, id := range r.Data.Instances {
		i, ok := instances.in(c.w, instances.scope(c)).byID[id]
		if !ok || i.deleting() {
			return nil, refuse("IdempotentInstanceTerminated", "The request uses the same client token as a previous request for which the instance %s has been terminated.", id)
		}
		out.Instances = append(out.Instances, showInstance(c, i))
	}
	return out, nil
}

// convert turns one form of the SDK into another that has the same names: a request into what is shown of it.
func convert[T any](v any) T {
	var converted T
	text, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(text, &converted)
	}
	if err != nil {
		panic(fmt.Sprintf("awssim: convert %T to %T: %v", v, converted, err))
	}
	return converted
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
func (c *call) guardSpecification(s *specification) {
	guard(c.Operation, s, specificationFields...)
	for _, mapping := range s.BlockDeviceMappings {
		guard(c.Operation, mapping, "DeviceName", "Ebs")
		if mapping.Ebs != nil {
			guard(c.Operation, mapping.Ebs, "DeleteOnTermination", "Encrypted", "Iops", "KmsKeyId", "Throughput", "VolumeSize", "VolumeType")
		}
	}
	for _, nic := range s.NetworkInterfaces {
		guard(c.Operation, nic, "AssociatePublicIpAddress", "DeleteOnTermination", "Description", "DeviceIndex", "Groups", "NetworkInterfaceId", "PrivateIpAddress", "SubnetId")
	}
	if s.Placement != nil {
		guard(c.Operation, s.Placement, "AvailabilityZone", "Tenancy")
		if s.Placement.Tenancy != "" && s.Placement.Tenancy != types.TenancyDefault {
			c.unsimulated("Tenancy", s.Placement.Tenancy)
		}
	}
	if s.InstanceMarketOptions != nil && s.InstanceMarketOptions.MarketType != types.MarketTypeSpot {
		c.unsimulated("MarketType", s.InstanceMarketOptions.MarketType)
	}
}
