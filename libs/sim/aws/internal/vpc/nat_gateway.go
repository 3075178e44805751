package vpc

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/latency"
	"github.com/skep-dev/skep/libs/sim/aws/internal/ec2api"
	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// NATGateway connects private subnets to the internet. It stays visible for an hour after it was deleted or has failed.
// https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html
type NATGateway struct {
	VPC, Subnet, Zone, Allocation, Interface string
	FailureCode, FailureMessage              string // set if the gateway fails, at ReadyAt
}

// visibleAfterDelete is the time for which AWS shows a deleted or failed NAT gateway.
const visibleAfterDelete = time.Hour

// Owner implements engine.Attributes.
func (n NATGateway) Owner() string { return n.Subnet }

// Summary implements engine.Attributes.
func (n NATGateway) Summary(name func(id string) string) string {
	text := "in " + name(n.Subnet) + " at " + name(n.Allocation)
	if n.FailureCode != "" {
		text += " " + n.FailureCode
	}
	return text
}

// NATGateways is the resource type with the attributes NATGateway.
var NATGateways = engine.NewType[NATGateway](engine.Type{
	Service: "EC2", Name: "NatGateway", Noun: "NAT gateway", Prefix: "nat", TagType: "natgateway",
	NotFound: "NatGatewayNotFound", Malformed: "NatGatewayMalformed",
})

var natGatewayFilters = ec2api.Filters[NATGateway]{
	"nat-gateway-id": ec2api.ByID[NATGateway],
	"subnet-id":      ec2api.ByText(func(n NATGateway) string { return n.Subnet }),
	"vpc-id":         ec2api.ByText(func(n NATGateway) string { return n.VPC }),
	"state":          func(c *engine.Call, r *engine.Resource[NATGateway]) []string { return []string{natState(c, r)} },
}

func handleNATGateways(s *engine.Service) {
	engine.Handle(s, "CreateNatGateway", engine.Fields{"AllocationId", "SubnetId", "ClientToken", "ConnectivityType", "TagSpecifications"}, createNatGateway)
	engine.Handle(s, "DeleteNatGateway", engine.Fields{"NatGatewayId"}, deleteNatGateway)
	engine.Handle(s, "DescribeNatGateways", engine.Fields{"Filter", "MaxResults", "NextToken", "NatGatewayIds"}, func(c *engine.Call, in *ec2.DescribeNatGatewaysInput) (*ec2.DescribeNatGatewaysOutput, error) {
		shown, next, err := ec2api.Describe(c, NATGateways, natGatewayFilters, ec2api.Query{IDs: in.NatGatewayIds, Filters: in.Filter, Max: in.MaxResults, Next: in.NextToken}, showNatGateway)
		return &ec2.DescribeNatGatewaysOutput{NatGateways: shown, NextToken: next}, err
	})
}

func createNatGateway(c *engine.Call, in *ec2.CreateNatGatewayInput) (*ec2.CreateNatGatewayOutput, error) {
	if in.ConnectivityType == types.ConnectivityTypePrivate {
		c.Unsimulated("ConnectivityType", in.ConnectivityType)
	}
	r, err := ec2api.Once(c, NATGateways, in.ClientToken, in, func() (*engine.Resource[NATGateway], error) { return newNATGateway(c, in) })
	if err != nil {
		return nil, err
	}
	return &ec2.CreateNatGatewayOutput{NatGateway: new(showNatGateway(c, r)), ClientToken: in.ClientToken}, nil
}

// newNATGateway creates a gateway that becomes available or fails later. AWS accepts a VPC without internet gateway and
// an address that is in use, and reports them only by the state of the gateway.
func newNATGateway(c *engine.Call, in *ec2.CreateNatGatewayInput) (*engine.Resource[NATGateway], error) {
	s, err := Subnets.Get(c, in.SubnetId)
	if err != nil {
		return nil, err
	}
	a, err := Addresses.Get(c, in.AllocationId)
	if err != nil {
		return nil, err
	}
	tags, err := ec2api.ReadTags(c, in.TagSpecifications, NATGateways.TagType)
	if err != nil {
		return nil, err
	}
	here := 0
	for _, n := range NATGateways.List(c) {
		if n.Data.Zone == s.Data.Zone.Name && !n.Deleted(c.Now()) && n.Data.FailureCode == "" {
			here++
		}
	}
	if err := c.CheckQuota("NatGatewaysPerZone", here, "NatGatewayLimitExceeded", "The maximum number of NAT gateways in %s has been reached.", s.Data.Zone.Name); err != nil {
		return nil, err
	}
	n := NATGateway{VPC: s.Data.VPC, Subnet: s.ID, Zone: s.Data.Zone.Name, Allocation: a.ID}
	reached := latency.NATGatewayFailed
	switch {
	case len(InternetGateways.OwnedBy(c, s.Data.VPC)) == 0:
		n.FailureCode, n.FailureMessage = "Gateway.NotAttached", "Network "+s.Data.VPC+" has no Internet gateway attached"
	case InterfaceOf(c, a) != nil:
		n.FailureCode, n.FailureMessage = "Resource.AlreadyAssociated", "Elastic IP address ["+a.ID+"] is already associated"
	default:
		reached = latency.NATGatewayAvailable
	}
	r := NATGateways.Create(c, "", n, tags)
	r.ReadyAt = c.Now().Add(c.Latency(reached, r.Name()))
	if n.FailureCode == "" {
		i, err := NewNetworkInterface(c, &s.ID, nil, NetworkInterface{
			Description: "Interface for NAT Gateway " + r.ID, Type: types.NetworkInterfaceTypeNatGateway, RequesterManaged: true, AttachedTo: r.ID,
		}, map[string]string{})
		if err != nil {
			NATGateways.Delete(c, r)
			return nil, err
		}
		Associate(c, a, i)
		r.Data.Interface = i.ID
	} else {
		r.DeletedAt = r.ReadyAt
		r.GoneAt = r.ReadyAt.Add(c.Scaled(visibleAfterDelete))
	}
	NATGateways.Put(c, r)
	return r, nil
}

// deleteNatGateway begins to delete a gateway. Its network interface, and so its address and subnet, are in use until
// the delete is complete. A failed gateway is gone at once.
func deleteNatGateway(c *engine.Call, in *ec2.DeleteNatGatewayInput) (*ec2.DeleteNatGatewayOutput, error) {
	r, err := NATGateways.Get(c, in.NatGatewayId)
	switch {
	case err != nil:
		return nil, err
	case r.Data.FailureCode != "":
		r.GoneAt = c.Now()
		NATGateways.Put(c, r)
		return &ec2.DeleteNatGatewayOutput{NatGatewayId: in.NatGatewayId}, nil
	case r.Deleted(c.Now()):
		return nil, engine.Refuse(NATGateways.NotFound, "The NAT gateway '%s' was not found", r.ID)
	case r.Deleting():
		return &ec2.DeleteNatGatewayOutput{NatGatewayId: in.NatGatewayId}, nil
	}
	r.DeletedAt = c.After(latency.NATGatewayDeleted, r.Name())
	r.GoneAt = r.DeletedAt.Add(c.Scaled(visibleAfterDelete))
	NATGateways.Put(c, r)
	i, err := NetworkInterfaces.Get(c, &r.Data.Interface)
	if err != nil {
		return nil, err
	}
	i.DeletedAt, i.GoneAt = r.DeletedAt, r.DeletedAt
	NetworkInterfaces.Put(c, i)
	return &ec2.DeleteNatGatewayOutput{NatGatewayId: in.NatGatewayId}, nil
}

// natState returns the state of a gateway, which includes "failed".
func natState(c *engine.Call, r *engine.Resource[NATGateway]) string {
	switch {
	case r.Data.FailureCode == "":
		return r.State(c.Now())
	case r.Ready(c.Now()):
		return "failed"
	}
	return "pending"
}

func showNatGateway(c *engine.Call, r *engine.Resource[NATGateway]) types.NatGateway {
	n := r.Data
	shown := types.NatGateway{
		NatGatewayId: aws.String(r.ID), VpcId: aws.String(n.VPC), SubnetId: aws.String(n.Subnet), CreateTime: aws.Time(r.CreatedAt),
		ConnectivityType: types.ConnectivityTypePublic, State: types.NatGatewayState(natState(c, r)), Tags: ec2api.Tags(c.VisibleTags(&r.Metadata)),
	}
	where := types.NatGatewayAddress{AllocationId: aws.String(n.Allocation), IsPrimary: aws.Bool(true)}
	if i, ok := NetworkInterfaces.Find(c, n.Interface); ok {
		where.NetworkInterfaceId, where.PrivateIp = aws.String(i.ID), aws.String(i.Data.PrivateIP)
		where.PublicIp = aws.String(i.Data.PublicIP)
	}
	shown.NatGatewayAddresses = []types.NatGatewayAddress{where}
	if shown.State == types.NatGatewayStateFailed {
		shown.FailureCode, shown.FailureMessage = aws.String(n.FailureCode), aws.String(n.FailureMessage)
	}
	if r.Deleted(c.Now()) {
		shown.DeleteTime = aws.Time(r.DeletedAt)
	}
	return shown
}
