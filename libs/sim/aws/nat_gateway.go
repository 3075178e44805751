package aws

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/latency"
	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// natGateway carries private traffic to the internet. It is pending for about two minutes, and stays visible for an hour
// after it was deleted or has failed.
// https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html
type natGateway struct {
	VPC, Subnet, Zone, Allocation, Interface string
	FailureCode, FailureMessage              string // what it will fail of when it is ready
}

// natVisible is how long a gateway that is no more can be seen.
const natVisible = time.Hour

func (n natGateway) Owner() string { return n.Subnet }
func (n natGateway) Summary(name func(id string) string) string {
	text := "in " + name(n.Subnet) + " at " + name(n.Allocation)
	if n.FailureCode != "" {
		text += " " + n.FailureCode
	}
	return text
}

var natGateways = engine.NewType[natGateway](engine.Type{
	Service: "EC2", Name: "NatGateway", Noun: "NAT gateway", Prefix: "nat", TagType: "natgateway",
	NotFound: "NatGatewayNotFound", Malformed: "NatGatewayMalformed",
})

var natGatewayFilters = filters[natGateway]{
	"nat-gateway-id": ofID[natGateway],
	"subnet-id":      one(func(n natGateway) string { return n.Subnet }),
	"vpc-id":         one(func(n natGateway) string { return n.VPC }),
	"state":          func(c *engine.Call, r *engine.Resource[natGateway]) []string { return []string{natState(c, r)} },
}

func handleNatGateway(s *engine.Service) {
	engine.Handle(s, "CreateNatGateway", engine.Fields{"AllocationId", "SubnetId", "ClientToken", "ConnectivityType", "TagSpecifications"}, createNatGateway)
	engine.Handle(s, "DeleteNatGateway", engine.Fields{"NatGatewayId"}, deleteNatGateway)
	engine.Handle(s, "DescribeNatGateways", engine.Fields{"Filter", "MaxResults", "NextToken", "NatGatewayIds"}, func(c *engine.Call, in *ec2.DescribeNatGatewaysInput) (*ec2.DescribeNatGatewaysOutput, error) {
		shown, next, err := describe(c, natGateways, natGatewayFilters, query{in.NatGatewayIds, in.Filter, in.MaxResults, in.NextToken}, showNatGateway)
		return &ec2.DescribeNatGatewaysOutput{NatGateways: shown, NextToken: next}, err
	})
}

func createNatGateway(c *engine.Call, in *ec2.CreateNatGatewayInput) (*ec2.CreateNatGatewayOutput, error) {
	if in.ConnectivityType == types.ConnectivityTypePrivate {
		c.Unsimulated("ConnectivityType", in.ConnectivityType)
	}
	r, err := once(c, natGateways, in.ClientToken, in, func() (*engine.Resource[natGateway], error) { return bearNatGateway(c, in) })
	if err != nil {
		return nil, err
	}
	return &ec2.CreateNatGatewayOutput{NatGateway: new(showNatGateway(c, r)), ClientToken: in.ClientToken}, nil
}

// bearNatGateway makes a gateway that becomes available, or fails, later: AWS accepts a VPC without internet gateway and an
// address that is taken, and says so only in the state.
func bearNatGateway(c *engine.Call, in *ec2.CreateNatGatewayInput) (*engine.Resource[natGateway], error) {
	s, err := subnets.Get(c, in.SubnetId)
	if err != nil {
		return nil, err
	}
	a, err := addresses.Get(c, in.AllocationId)
	if err != nil {
		return nil, err
	}
	tags, err := readTagSpecifications(c, in.TagSpecifications, natGateways.TagType)
	if err != nil {
		return nil, err
	}
	here := 0
	for _, n := range natGateways.List(c) {
		if n.Data.Zone == s.Data.Zone.Name && !n.Deleted(c.Now()) && n.Data.FailureCode == "" {
			here++
		}
	}
	if err := c.CheckQuota("NatGatewaysPerZone", here, "NatGatewayLimitExceeded", "The maximum number of NAT gateways in %s has been reached.", s.Data.Zone.Name); err != nil {
		return nil, err
	}
	n := natGateway{VPC: s.Data.VPC, Subnet: s.ID, Zone: s.Data.Zone.Name, Allocation: a.ID}
	reached := latency.NATGatewayFailed
	switch {
	case len(internetGateways.OwnedBy(c, s.Data.VPC)) == 0:
		n.FailureCode, n.FailureMessage = "Gateway.NotAttached", "Network "+s.Data.VPC+" has no Internet gateway attached"
	case associated(c, a) != nil:
		n.FailureCode, n.FailureMessage = "Resource.AlreadyAssociated", "Elastic IP address ["+a.ID+"] is already associated"
	default:
		reached = latency.NATGatewayAvailable
	}
	r := natGateways.Create(c, "", n, tags)
	r.ReadyAt = c.Now().Add(c.Latency(reached, r.Name()))
	if n.FailureCode == "" {
		i, err := place(c, &s.ID, nil, networkInterface{
			Description: "Interface for NAT Gateway " + r.ID, Type: types.NetworkInterfaceTypeNatGateway, RequesterManaged: true, AttachedTo: r.ID,
		}, map[string]string{})
		if err != nil {
			natGateways.Delete(c, r)
			return nil, err
		}
		associate(c, a, i)
		r.Data.Interface = i.ID
	} else {
		r.DeletedAt = r.ReadyAt
		r.GoneAt = r.ReadyAt.Add(c.Scaled(natVisible))
	}
	natGateways.Put(c, r)
	return r, nil
}

// deleteNatGateway begins the end of a gateway; one that failed is gone at once. Its interface, and with it the address and the subnet, is held until then.
func deleteNatGateway(c *engine.Call, in *ec2.DeleteNatGatewayInput) (*ec2.DeleteNatGatewayOutput, error) {
	r, err := natGateways.Get(c, in.NatGatewayId)
	switch {
	case err != nil:
		return nil, err
	case r.Data.FailureCode != "":
		r.GoneAt = c.Now()
		natGateways.Put(c, r)
		return &ec2.DeleteNatGatewayOutput{NatGatewayId: in.NatGatewayId}, nil
	case r.Deleted(c.Now()):
		return nil, engine.Refuse(natGateways.NotFound, "The NAT gateway '%s' was not found", r.ID)
	case r.Deleting():
		return &ec2.DeleteNatGatewayOutput{NatGatewayId: in.NatGatewayId}, nil
	}
	r.DeletedAt = c.After(latency.NATGatewayDeleted, r.Name())
	r.GoneAt = r.DeletedAt.Add(c.Scaled(natVisible))
	natGateways.Put(c, r)
	i, err := networkInterfaces.Get(c, &r.Data.Interface)
	if err != nil {
		return nil, err
	}
	i.DeletedAt, i.GoneAt = r.DeletedAt, r.DeletedAt
	networkInterfaces.Put(c, i)
	return &ec2.DeleteNatGatewayOutput{NatGatewayId: in.NatGatewayId}, nil
}

// natState is the life cycle, in which failure takes the place of the end.
func natState(c *engine.Call, r *engine.Resource[natGateway]) string {
	switch {
	case r.Data.FailureCode == "":
		return r.State(c.Now())
	case r.Ready(c.Now()):
		return "failed"
	}
	return "pending"
}

func showNatGateway(c *engine.Call, r *engine.Resource[natGateway]) types.NatGateway {
	n := r.Data
	shown := types.NatGateway{
		NatGatewayId: aws.String(r.ID), VpcId: aws.String(n.VPC), SubnetId: aws.String(n.Subnet), CreateTime: aws.Time(r.CreatedAt),
		ConnectivityType: types.ConnectivityTypePublic, State: types.NatGatewayState(natState(c, r)), Tags: ec2Tags(c.VisibleTags(&r.Metadata)),
	}
	where := types.NatGatewayAddress{AllocationId: aws.String(n.Allocation), IsPrimary: aws.Bool(true)}
	if i, ok := networkInterfaces.Find(c, n.Interface); ok {
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
