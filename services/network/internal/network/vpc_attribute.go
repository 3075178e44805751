package network

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/engine/graph"
)

// The attributes that a VPC needs for the names of its machines to resolve.
const (
	DNSSupport   = types.VpcAttributeNameEnableDnsSupport
	DNSHostnames = types.VpcAttributeNameEnableDnsHostnames
)

// VPCAttribute switches one attribute of a VPC on. ModifyVpcAttribute takes one
// attribute a call, so each is a resource of its own.
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

// Key implements graph.Keyed: an attribute is its VPC's.
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

// Create implements graph.Resource. A new VPC has DNS support.
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

// Delete implements graph.Resource: the attribute goes with its VPC.
func (v *VPCAttribute) Delete(context.Context) error { return nil }
