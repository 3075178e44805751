package network

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/engine/graph"
)

// The VPC needs both attributes so that the DNS names of its machines resolve.
const (
	DNSSupport   = types.VpcAttributeNameEnableDnsSupport
	DNSHostnames = types.VpcAttributeNameEnableDnsHostnames
)

// VPCAttribute enables one attribute of a VPC. ModifyVpcAttribute takes one attribute per call, so each
// attribute is a resource of its own.
type VPCAttribute struct {
	graph.Node
	account
	VPC       *VPC
	Attribute types.VpcAttributeName
}

// Name implements graph.Resource.
func (v *VPCAttribute) Name() string {
	if v.Attribute == DNSSupport {
		return "vpc-attribute/dns-support"
	}
	return "vpc-attribute/dns-hostnames"
}

// Needs implements graph.Resource.
func (v *VPCAttribute) Needs() []graph.Resource { return []graph.Resource{v.VPC} }

// Key implements graph.NaturallyKeyed. Attributes have no ids: the key is the id of the VPC.
func (v *VPCAttribute) Key() string { return v.VPC.ID() }

// Observe implements graph.Resource.
func (v *VPCAttribute) Observe(ctx context.Context) (graph.State, error) {
	out, err := v.DescribeVpcAttribute(ctx, &ec2.DescribeVpcAttributeInput{VpcId: aws.String(v.ID()), Attribute: v.Attribute})
	if err != nil {
		return graph.Absent, errorclass.IgnoreNotFound(err)
	}
	value := out.EnableDnsSupport
	if v.Attribute == DNSHostnames {
		value = out.EnableDnsHostnames
	}
	if value == nil || !aws.ToBool(value.Value) {
		return graph.Drifted, nil
	}
	return graph.Ready, nil
}

// Create implements graph.Resource. DNS support is enabled in every new VPC, so Create makes no call for it.
// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html
func (v *VPCAttribute) Create(ctx context.Context) (graph.State, error) {
	if v.Attribute == DNSSupport {
		return graph.Ready, nil
	}
	if err := v.Update(ctx); err != nil {
		return graph.Absent, err
	}
	return graph.Ready, nil
}

// Update implements graph.Updater.
func (v *VPCAttribute) Update(ctx context.Context) error {
	in := &ec2.ModifyVpcAttributeInput{VpcId: aws.String(v.ID())}
	on := &types.AttributeBooleanValue{Value: aws.Bool(true)}
	if v.Attribute == DNSSupport {
		in.EnableDnsSupport = on
	} else {
		in.EnableDnsHostnames = on
	}
	_, err := v.ModifyVpcAttribute(ctx, in)
	return err
}

// Delete implements graph.Resource. AWS deletes the attribute with its VPC.
func (v *VPCAttribute) Delete(context.Context) error { return nil }
