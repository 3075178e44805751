package aws

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// internetGateway lets a VPC reach the internet while it is attached.
// https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html
type internetGateway struct{ VPC string }

func (g internetGateway) owner() string { return g.VPC }
func (g internetGateway) text(name func(id string) string) string {
	return "attached to " + name(g.VPC)
}

var internetGateways = register(kind[internetGateway]{
	service: "EC2", name: "InternetGateway", noun: "internetGateway ID", prefix: "igw", tagged: "internet-gateway",
	missing: "InvalidInternetGatewayID.NotFound", malformed: "InvalidInternetGatewayId.Malformed",
})

var internetGatewayFilters = filters[internetGateway]{
	"internet-gateway-id": ofID[internetGateway],
	"owner-id":            ofAccount[internetGateway],
	"attachment.vpc-id":   one(func(g internetGateway) string { return g.VPC }),
	"attachment.state": func(_ *call, r *row[internetGateway]) []string {
		if r.Data.VPC == "" {
			return nil
		}
		return []string{"available"}
	},
}

func init() {
	handle("EC2", "CreateInternetGateway", fields{"TagSpecifications"}, createInternetGateway)
	handle("EC2", "DeleteInternetGateway", fields{"InternetGatewayId"}, deleteInternetGateway)
	handle("EC2", "AttachInternetGateway", fields{"InternetGatewayId", "VpcId"}, attachInternetGateway)
	handle("EC2", "DetachInternetGateway", fields{"InternetGatewayId", "VpcId"}, detachInternetGateway)
	handle("EC2", "DescribeInternetGateways", fields{"Filters", "MaxResults", "NextToken", "InternetGatewayIds"}, func(c *call, in *ec2.DescribeInternetGatewaysInput) (*ec2.DescribeInternetGatewaysOutput, error) {
		shown, next, err := describe(c, internetGateways, internetGatewayFilters, query{in.InternetGatewayIds, in.Filters, in.MaxResults, in.NextToken}, showInternetGateway)
		return &ec2.DescribeInternetGatewaysOutput{InternetGateways: shown, NextToken: next}, err
	})
}

func createInternetGateway(c *call, in *ec2.CreateInternetGatewayInput) (*ec2.CreateInternetGatewayOutput, error) {
	tags, err := c.tagsOn(in.TagSpecifications, internetGateways.tagged)
	if err != nil {
		return nil, err
	}
	if err := c.full("InternetGatewaysPerRegion", len(internetGateways.list(c)), "InternetGatewayLimitExceeded", "The maximum number of internet gateways has been reached."); err != nil {
		return nil, err
	}
	r := internetGateways.create(c, "", internetGateway{}, tags)
	return &ec2.CreateInternetGatewayOutput{InternetGateway: new(showInternetGateway(c, r))}, nil
}

func deleteInternetGateway(c *call, in *ec2.DeleteInternetGatewayInput) (*ec2.DeleteInternetGatewayOutput, error) {
	r, err := internetGateways.get(c, in.InternetGatewayId)
	if err != nil {
		return nil, err
	}
	if r.Data.VPC != "" {
		return nil, dependency("internetGateway", r.ID)
	}
	internetGateways.delete(c, r)
	return &ec2.DeleteInternetGatewayOutput{}, nil
}

func attachInternetGateway(c *call, in *ec2.AttachInternetGatewayInput) (*ec2.AttachInternetGatewayOutput, error) {
	r, err := internetGateways.get(c, in.InternetGatewayId)
	if err != nil {
		return nil, err
	}
	v, err := vpcs.get(c, in.VpcId)
	switch {
	case err != nil:
		return nil, err
	case r.Data.VPC != "":
		return nil, refuse("Resource.AlreadyAssociated", "resource %s is already attached to network %s", r.ID, r.Data.VPC)
	case len(internetGateways.of(c, v.ID)) > 0:
		return nil, refuse("InvalidParameterValue", "Network %s already has an internet gateway attached", v.ID)
	}
	r.Data.VPC = v.ID
	internetGateways.put(c, r)
	return &ec2.AttachInternetGatewayOutput{}, nil
}

// detachInternetGateway refuses while something in the VPC has a public address.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DetachInternetGateway.html
func detachInternetGateway(c *call, in *ec2.DetachInternetGatewayInput) (*ec2.DetachInternetGatewayOutput, error) {
	r, err := internetGateways.get(c, in.InternetGatewayId)
	if err != nil {
		return nil, err
	}
	v, err := vpcs.get(c, in.VpcId)
	switch {
	case err != nil:
		return nil, err
	case r.Data.VPC != v.ID:
		return nil, refuse("Gateway.NotAttached", "resource %s is not attached to network %s", r.ID, v.ID)
	}
	for _, s := range subnets.of(c, v.ID) {
		for _, i := range networkInterfaces.of(c, s.ID) {
			if i.Data.PublicIP != "" {
				return nil, refuse("DependencyViolation", "Network %s has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.", v.ID)
			}
		}
	}
	r.Data.VPC = ""
	internetGateways.put(c, r)
	return &ec2.DetachInternetGatewayOutput{}, nil
}

func showInternetGateway(c *call, r *row[internetGateway]) types.InternetGateway {
	shown := types.InternetGateway{InternetGatewayId: aws.String(r.ID), OwnerId: aws.String(c.Account), Tags: ec2Tags(c.shown(&r.meta))}
	if r.Data.VPC != "" {
		// EC2 says "available" here, which is not among the values of the type.
		shown.Attachments = []types.InternetGatewayAttachment{{VpcId: aws.String(r.Data.VPC), State: "available"}}
	}
	return shown
}
