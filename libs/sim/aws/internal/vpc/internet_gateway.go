package vpc

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/ec2api"
	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// InternetGateway connects a VPC to the internet while it is attached.
// https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html
type InternetGateway struct{ VPC string }

// Owner implements engine.Attributes.
func (g InternetGateway) Owner() string { return g.VPC }

// Summary implements engine.Attributes.
func (g InternetGateway) Summary(name func(id string) string) string {
	return "attached to " + name(g.VPC)
}

// InternetGateways is the resource type with the attributes InternetGateway.
var InternetGateways = engine.NewType[InternetGateway](engine.Type{
	Service: "EC2", Name: "InternetGateway", Noun: "internetGateway ID", Prefix: "igw", TagType: "internet-gateway",
	NotFound: "InvalidInternetGatewayID.NotFound", Malformed: "InvalidInternetGatewayId.Malformed",
})

var internetGatewayFilters = ec2api.Filters[InternetGateway]{
	"internet-gateway-id": ec2api.ByID[InternetGateway],
	"owner-id":            ec2api.ByAccount[InternetGateway],
	"attachment.vpc-id":   ec2api.ByText(func(g InternetGateway) string { return g.VPC }),
	"attachment.state": func(_ *engine.Call, r *engine.Resource[InternetGateway]) []string {
		if r.Data.VPC == "" {
			return nil
		}
		return []string{"available"}
	},
}

func handleInternetGateway(s *engine.Service) {
	engine.Handle(s, "CreateInternetGateway", engine.Fields{"TagSpecifications"}, createInternetGateway)
	engine.Handle(s, "DeleteInternetGateway", engine.Fields{"InternetGatewayId"}, deleteInternetGateway)
	engine.Handle(s, "AttachInternetGateway", engine.Fields{"InternetGatewayId", "VpcId"}, attachInternetGateway)
	engine.Handle(s, "DetachInternetGateway", engine.Fields{"InternetGatewayId", "VpcId"}, detachInternetGateway)
	engine.Handle(s, "DescribeInternetGateways", engine.Fields{"Filters", "MaxResults", "NextToken", "InternetGatewayIds"}, func(c *engine.Call, in *ec2.DescribeInternetGatewaysInput) (*ec2.DescribeInternetGatewaysOutput, error) {
		shown, next, err := ec2api.Describe(c, InternetGateways, internetGatewayFilters, ec2api.Query{IDs: in.InternetGatewayIds, Filters: in.Filters, Max: in.MaxResults, Next: in.NextToken}, showInternetGateway)
		return &ec2.DescribeInternetGatewaysOutput{InternetGateways: shown, NextToken: next}, err
	})
}

func createInternetGateway(c *engine.Call, in *ec2.CreateInternetGatewayInput) (*ec2.CreateInternetGatewayOutput, error) {
	tags, err := ec2api.ReadTags(c, in.TagSpecifications, InternetGateways.TagType)
	if err != nil {
		return nil, err
	}
	if err := c.CheckQuota("InternetGatewaysPerRegion", len(InternetGateways.List(c)), "InternetGatewayLimitExceeded", "The maximum number of internet gateways has been reached."); err != nil {
		return nil, err
	}
	r := InternetGateways.Create(c, "", InternetGateway{}, tags)
	return &ec2.CreateInternetGatewayOutput{InternetGateway: new(showInternetGateway(c, r))}, nil
}

func deleteInternetGateway(c *engine.Call, in *ec2.DeleteInternetGatewayInput) (*ec2.DeleteInternetGatewayOutput, error) {
	r, err := InternetGateways.Get(c, in.InternetGatewayId)
	if err != nil {
		return nil, err
	}
	if r.Data.VPC != "" {
		return nil, ec2api.DependencyViolation("internetGateway", r.ID)
	}
	InternetGateways.Delete(c, r)
	return &ec2.DeleteInternetGatewayOutput{}, nil
}

func attachInternetGateway(c *engine.Call, in *ec2.AttachInternetGatewayInput) (*ec2.AttachInternetGatewayOutput, error) {
	r, err := InternetGateways.Get(c, in.InternetGatewayId)
	if err != nil {
		return nil, err
	}
	v, err := VPCs.Get(c, in.VpcId)
	switch {
	case err != nil:
		return nil, err
	case r.Data.VPC != "":
		return nil, engine.Refuse("Resource.AlreadyAssociated", "resource %s is already attached to network %s", r.ID, r.Data.VPC)
	case len(InternetGateways.OwnedBy(c, v.ID)) > 0:
		return nil, engine.Refuse("InvalidParameterValue", "Network %s already has an internet gateway attached", v.ID)
	}
	r.Data.VPC = v.ID
	InternetGateways.Put(c, r)
	return &ec2.AttachInternetGatewayOutput{}, nil
}

// detachInternetGateway refuses while a network interface in the VPC has a public address.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DetachInternetGateway.html
func detachInternetGateway(c *engine.Call, in *ec2.DetachInternetGatewayInput) (*ec2.DetachInternetGatewayOutput, error) {
	r, err := InternetGateways.Get(c, in.InternetGatewayId)
	if err != nil {
		return nil, err
	}
	v, err := VPCs.Get(c, in.VpcId)
	switch {
	case err != nil:
		return nil, err
	case r.Data.VPC != v.ID:
		return nil, engine.Refuse("Gateway.NotAttached", "resource %s is not attached to network %s", r.ID, v.ID)
	}
	for _, s := range Subnets.OwnedBy(c, v.ID) {
		for _, i := range NetworkInterfaces.OwnedBy(c, s.ID) {
			if i.Data.PublicIP != "" {
				return nil, engine.Refuse("DependencyViolation", "Network %s has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.", v.ID)
			}
		}
	}
	r.Data.VPC = ""
	InternetGateways.Put(c, r)
	return &ec2.DetachInternetGatewayOutput{}, nil
}

func showInternetGateway(c *engine.Call, r *engine.Resource[InternetGateway]) types.InternetGateway {
	shown := types.InternetGateway{InternetGatewayId: aws.String(r.ID), OwnerId: aws.String(c.Account), Tags: ec2api.Tags(c.VisibleTags(&r.Metadata))}
	if r.Data.VPC != "" {
		// EC2 returns "available", which is not among the constants of the SDK.
		shown.Attachments = []types.InternetGatewayAttachment{{VpcId: aws.String(r.Data.VPC), State: "available"}}
	}
	return shown
}
