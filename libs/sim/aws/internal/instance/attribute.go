package instance

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

func handleInstanceAttribute(s *engine.Service) {
	engine.Handle(s, "ModifyInstanceAttribute", engine.Fields{"InstanceId", "DisableApiTermination"}, modifyInstanceAttribute)
	engine.Handle(s, "DescribeInstanceAttribute", engine.Fields{"InstanceId", "Attribute"}, describeInstanceAttribute)
}

// modifyInstanceAttribute turns the protection from TerminateInstances on or off.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyInstanceAttribute.html
func modifyInstanceAttribute(c *engine.Call, in *ec2.ModifyInstanceAttributeInput) (*ec2.ModifyInstanceAttributeOutput, error) {
	r, err := Instances.Get(c, in.InstanceId)
	switch {
	case err != nil:
		return nil, err
	case in.DisableApiTermination == nil:
		return nil, engine.MissingParameter("attribute")
	case r.Deleting():
		return nil, engine.Refuse("IncorrectInstanceState", "The instance '%s' is not in a state from which it can be modified", r.ID)
	}
	r.Data.Protected = aws.ToBool(in.DisableApiTermination.Value)
	Instances.Put(c, r)
	return &ec2.ModifyInstanceAttributeOutput{}, nil
}

func describeInstanceAttribute(c *engine.Call, in *ec2.DescribeInstanceAttributeInput) (*ec2.DescribeInstanceAttributeOutput, error) {
	r, err := Instances.Get(c, in.InstanceId)
	if err != nil {
		return nil, err
	}
	out := &ec2.DescribeInstanceAttributeOutput{InstanceId: in.InstanceId}
	switch in.Attribute {
	case types.InstanceAttributeNameDisableApiTermination:
		out.DisableApiTermination = &types.AttributeBooleanValue{Value: aws.Bool(r.Data.Protected)}
	case types.InstanceAttributeNameUserData:
		out.UserData = &types.AttributeValue{Value: engine.Optional(r.Data.UserData)}
	default:
		c.Unsimulated("Attribute", in.Attribute)
	}
	return out, nil
}
