package network

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
)

// InternetGatewayAttachment attaches the internet gateway to the VPC.
type InternetGatewayAttachment struct {
	graph.Node
	account
	VPC     *VPC
	Gateway *InternetGateway
}

// attachedVPC is the attribute with the id of the VPC that the gateway is attached to. DetachInternetGateway
// requires it.
const attachedVPC = "vpc"

// Name implements graph.Resource.
func (a *InternetGatewayAttachment) Name() string { return "internet-gateway-attachment" }

// Needs implements graph.Resource.
func (a *InternetGatewayAttachment) Needs() []graph.Resource {
	return []graph.Resource{a.VPC, a.Gateway}
}

// Key implements graph.NaturallyKeyed: a gateway has one attachment.
func (a *InternetGatewayAttachment) Key() string { return a.Gateway.ID() }

// Observe implements graph.Resource.
func (a *InternetGatewayAttachment) Observe(ctx context.Context) (graph.State, error) {
	out, err := a.DescribeInternetGateways(ctx, &ec2.DescribeInternetGatewaysInput{InternetGatewayIds: []string{a.ID()}})
	if err != nil {
		return graph.Absent, errorclass.IgnoreNotFound(err)
	}
	found, err := session.Only(out.InternetGateways)
	if err != nil || found == nil || len(found.Attachments) == 0 {
		return graph.Absent, err
	}
	// AWS attaches a gateway to at most one VPC.
	vpc := aws.ToString(found.Attachments[0].VpcId)
	a.SetAttribute(attachedVPC, vpc)
	if a.VPC != nil && vpc != a.VPC.ID() {
		return graph.Drifted, nil
	}
	return graph.Ready, nil
}

// Create implements graph.Resource.
func (a *InternetGatewayAttachment) Create(ctx context.Context) (graph.State, error) {
	_, err := a.AttachInternetGateway(ctx, &ec2.AttachInternetGatewayInput{
		InternetGatewayId: aws.String(a.ID()),
		VpcId:             aws.String(a.VPC.ID()),
	})
	if err != nil && errorclass.Code(err) != "Resource.AlreadyAssociated" {
		return graph.Absent, err
	}
	a.SetAttribute(attachedVPC, a.VPC.ID())
	return graph.Ready, nil
}

// Delete implements graph.Resource.
func (a *InternetGatewayAttachment) Delete(ctx context.Context) error {
	if a.Attribute(attachedVPC) == "" {
		// The response of the attach was lost, so the VPC is unknown: read it from the gateway.
		if state, err := a.Observe(ctx); err != nil || state == graph.Absent {
			return err
		}
	}
	_, err := a.DetachInternetGateway(ctx, &ec2.DetachInternetGatewayInput{
		InternetGatewayId: aws.String(a.ID()),
		VpcId:             aws.String(a.Attribute(attachedVPC)),
	})
	return errorclass.IgnoreNotFound(err)
}
