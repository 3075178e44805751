package aws

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle("EC2", "ModifyInstanceAttribute", fields{"InstanceId", "DisableApiTermination"}, modifyInstanceAttribute)
	handle("EC2", "DescribeInstanceAttribute", fields{"InstanceId", "Attribute"}, describeInstanceAttribute)
}

// modifyInstanceAttribute protects an instance from TerminateInstances, or ends the protection.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyInstanceAttribute.html
func modifyInstanceAttribute(c *call, in *ec2.ModifyInstanceAttributeInput) (*ec2.ModifyInstanceAttributeOutput, error) {
	r, err := instances.get(c, in.InstanceId)
	switch {
	case err != nil:
		return nil, err
	case in.DisableApiTermination == nil:
		return nil, missing("attribute")
	case r.deleting():
		return nil, refuse("IncorrectInstanceState", "The instance '%s' is not in a state from which it can be modified", r.ID)
	}
	r.Data.Protected = aws.ToBool(in.DisableApiTermination.Value)
	instances.put(c, r)
	return &ec2.ModifyInstanceAttributeOutput{}, nil
}

func describeInstanceAttribute(c *call, in *ec2.DescribeInstanceAttributeInput) (*ec2.DescribeInstanceAttributeOutput, error) {
	r, err := instances.get(c, in.InstanceId)
	if err != nil {
		return nil, err
	}
	out := &ec2.DescribeInstanceAttributeOutput{InstanceId: in.InstanceId}
	switch in.Attribute {
	case types.InstanceAttributeNameDisableApiTermination:
		out.DisableApiTermination = &types.AttributeBooleanValue{Value: aws.Bool(r.Data.Protected)}
	case types.InstanceAttributeNameUserData:
		out.UserData = &types.AttributeValue{Value: optional(r.Data.UserData)}
	default:
		c.unsimulated("Attribute", in.Attribute)
	}
	return out, nil
}
