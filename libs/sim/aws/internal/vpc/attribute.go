package vpc

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

func handleVpcAttribute(s *engine.Service) {
	engine.Handle(s, "ModifyVpcAttribute", engine.Fields{"VpcId", "EnableDnsHostnames", "EnableDnsSupport"}, modifyVpcAttribute)
	engine.Handle(s, "DescribeVpcAttribute", engine.Fields{"VpcId", "Attribute"}, describeVpcAttribute)
}

// modifyVpcAttribute changes one attribute. AWS refuses two in one call.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcAttribute.html
func modifyVpcAttribute(c *engine.Call, in *ec2.ModifyVpcAttributeInput) (*ec2.ModifyVpcAttributeOutput, error) {
	r, err := VPCs.Get(c, in.VpcId)
	if err != nil {
		return nil, err
	}
	switch hostnames, support := in.EnableDnsHostnames, in.EnableDnsSupport; {
	case hostnames != nil && support != nil:
		return nil, engine.Refuse("InvalidParameterCombination", "Fields for multiple attribute types specified")
	case hostnames != nil:
		if aws.ToBool(hostnames.Value) && !r.Data.DNSSupport {
			return nil, engine.Refuse("InvalidParameterCombination", "DNS hostnames need DNS support")
		}
		r.Data.DNSHostnames = aws.ToBool(hostnames.Value)
	case support != nil:
		r.Data.DNSSupport = aws.ToBool(support.Value)
	default:
		return nil, engine.MissingParameter("attribute")
	}
	VPCs.Put(c, r)
	return &ec2.ModifyVpcAttributeOutput{}, nil
}

func describeVpcAttribute(c *engine.Call, in *ec2.DescribeVpcAttributeInput) (*ec2.DescribeVpcAttributeOutput, error) {
	r, err := VPCs.Get(c, in.VpcId)
	if err != nil {
		return nil, err
	}
	out := &ec2.DescribeVpcAttributeOutput{VpcId: in.VpcId}
	switch in.Attribute {
	case types.VpcAttributeNameEnableDnsHostnames:
		out.EnableDnsHostnames = &types.AttributeBooleanValue{Value: aws.Bool(r.Data.DNSHostnames)}
	case types.VpcAttributeNameEnableDnsSupport:
		out.EnableDnsSupport = &types.AttributeBooleanValue{Value: aws.Bool(r.Data.DNSSupport)}
	default:
		c.Unsimulated("Attribute", in.Attribute)
	}
	return out, nil
}
