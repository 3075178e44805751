package aws

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
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

func (n natGateway) owner() string { return n.Subnet }
func (n natGateway) text(name func(id string) string) string {
	text := "in " + name(n.Subnet) + " at " + name(n.Allocation)
	if n.FailureCode != "" {
		text += " " + n.FailureCode
	}
	return text
}

var natGateways = register(kind[natGateway]{
	service: "EC2", name: "NatGateway", noun: "NAT gateway", prefix: "nat", tagged: "natgateway",
	missing: "NatGatewayNotFound", malformed: "NatGatewayMalformed",
})

var natGatewayFilters = filters[natGateway]{
	"nat-gateway-id": ofID[natGateway],
	"subnet-id":      one(func(n natGateway) string { return n.Subnet }),
	"vpc-id":         one(func(n natGateway) string { return n.VPC }),
	"state":          func(c *call, r *row[natGateway]) []string { return []string{natState(c, r)} },
}

func init() {
	handle("EC2", "CreateNatGateway", fields{"AllocationId", "SubnetId", "ClientToken", "ConnectivityType", "TagSpecifications"}, createNatGateway)
	handle("EC2", "DeleteNatGateway", fields{"NatGatewayId"}, deleteNatGateway)
	handle("EC2", "DescribeNatGateways", fields{"Filter", "MaxResults", "NextToken", "NatGatewayIds"}, func(c *call, in *ec2.DescribeNatGatewaysInput) (*ec2.DescribeNatGatewaysOutput, error) {
		shown, next, err := describe(c, natGateways, natGatewayFilters, query{in.NatGatewayIds, in.Filter, in.MaxResults, in.NextToken}, showNatGateway)
		return &ec2.DescribeNatGatewaysOutput{NatGateways: shown, NextToken: next}, err
	})
}

func createNatGateway(c *call, in *ec2.CreateNatGatewayInput) (*ec2.CreateNatGatewayOutput, error) {
	if in.ConnectivityType == types.ConnectivityTypePrivate {
		c.unsimulated("ConnectivityType", in.ConnectivityType)
	}
	r, err := once(c, natGateways, in.ClientToken, in, func() (*row[natGateway], error) { return bearNatGateway(c, in) })
	if err != nil {
		return nil, err
	}
	return &ec2.CreateNatGatewayOutput{NatGateway: new(showNatGateway(c, r)), ClientToken: in.ClientToken}, nil
}

// bearNatGateway makes a gateway that becomes available, or fails, later: AWS accepts a VPC without internet gateway and an
// address that is taken, and says so only in the state.
func bearNatGateway(c *call, in *ec2.CreateNatGatewayInput) (*row[natGateway], error) {
	s, err := subnets.get(c, in.SubnetId)
	if err != nil {
		return nil, err
	}
	a, err := addresses.get(c, in.AllocationId)
	if err != nil {
		return nil, err
	}
	tags, err := c.tagsOn(in.TagSpecifications, natGateways.tagged)
	if err != nil {
		return nil, err
	}
	here := 0
	for _, n := range natGateways.list(c) {
		if n.Data.Zone == s.Data.Zone.Name && !n.deleted(c.now()) && n.Data.FailureCode == "" {
			here++
		}
	}
	if err := c.full("NatGatewaysPerZone", here, "NatGatewayLimitExceeded", "The maximum number of NAT gateways in %s has been reached.", s.Data.Zone.Name); err != nil {
		return nil, err
	}
	n := natGateway{VPC: s.Data.VPC, Subnet: s.ID, Zone: s.Data.Zone.Name, Allocation: a.ID}
	reached := "NatGateway/failed"
	switch {
	case len(internetGateways.of(c, s.Data.VPC)) == 0:
		n.FailureCode, n.FailureMessage = "Gateway.NotAttached", "Network "+s.Data.VPC+" has no Internet gateway attached"
	case associated(c, a) != nil:
		n.FailureCode, n.FailureMessage = "Resource.AlreadyAssociated", "Elastic IP address ["+a.ID+"] is already associated"
	default:
		reached = "NatGateway/available"
	}
	r := natGateways.create(c, "", n, tags)
	r.ReadyAt = c.now().Add(c.w.latency(reached, nameOf(&r.meta, n)))
	if n.FailureCode == "" {
		i, err := place(c, &s.ID, nil, networkInterface{
			Description: "Interface for NAT Gateway " + r.ID, Type: types.NetworkInterfaceTypeNatGateway, RequesterManaged: true, AttachedTo: r.ID,
		}, map[string]string{})
		if err != nil {
			natGateways.delete(c, r)
			return nil, err
		}
		associate(c, a, i)
		r.Data.Interface = i.ID
	} else {
		r.DeletedAt = r.ReadyAt
		r.GoneAt = r.ReadyAt.Add(c.w.span(natVisible))
	}
	natGateways.put(c, r)
	return r, nil
}

// deleteNatGateway begins the end of a gateway; one that failed is gone at once. Its interface, and with it the address and the subnet, is held until then.
func deleteNatGateway(c *call, in *ec2.DeleteNatGatewayInput) (*ec2.DeleteNatGatewayOutput, error) {
	r, err := natGateways.get(c, in.NatGatewayId)
	switch {
	case err != nil:
		return nil, err
	case r.Data.FailureCode != "":
		r.GoneAt = c.now()
		natGateways.put(c, r)
		return &ec2.DeleteNatGatewayOutput{NatGatewayId: in.NatGatewayId}, nil
	case r.deleted(c.now()):
		return nil, refuse(natGateways.missing, "The NAT gateway '%s' was not found", r.ID)
	case r.deleting():
		return &ec2.DeleteNatGatewayOutput{NatGatewayId: in.NatGatewayId}, nil
	}
	r.DeletedAt = c.now().Add(c.w.latency("NatGateway/deleted", nameOf(&r.meta, r.Data)))
	r.GoneAt = r.DeletedAt.Add(c.w.span(natVisible))
	natGateways.put(c, r)
	i, err := networkInterfaces.get(c, &r.Data.Interface)
	if err != nil {
		return nil, err
	}
	i.DeletedAt, i.GoneAt = r.DeletedAt, r.DeletedAt
	networkInterfaces.put(c, i)
	return &ec2.DeleteNatGatewayOutput{NatGatewayId: in.NatGatewayId}, nil
}

// natState is the life cycle, in which failure takes the place of the end.
func natState(c *call, r *row[natGateway]) string {
	switch {
	case r.Data.FailureCode == "":
		return r.state(c.now())
	case r.ready(c.now()):
		return "failed"
	}
	return "pending"
}

func showNatGateway(c *call, r *row[natGateway]) types.NatGateway {
	n := r.Data
	shown := types.NatGateway{
		NatGatewayId: aws.String(r.ID), VpcId: aws.String(n.VPC), SubnetId: aws.String(n.Subnet), CreateTime: aws.Time(r.CreatedAt),
		ConnectivityType: types.ConnectivityTypePublic, State: types.NatGatewayState(natState(c, r)), Tags: ec2Tags(c.shown(&r.meta)),
	}
	where := types.NatGatewayAddress{AllocationId: aws.String(n.Allocation), IsPrimary: aws.Bool(true)}
	if i, ok := networkInterfaces.in(c.w, networkInterfaces.scope(c)).byID[n.Interface]; ok {
		where.NetworkInterfaceId, where.PrivateIp = aws.String(i.ID), aws.String(i.Data.PrivateIP)
		where.PublicIp = aws.String(i.Data.PublicIP)
	}
	shown.NatGatewayAddresses = []types.NatGatewayAddress{where}
	if shown.State == types.NatGatewayStateFailed {
		shown.FailureCode, shown.FailureMessage = aws.String(n.FailureCode), aws.String(n.FailureMessage)
	}
	if r.deleted(c.now()) {
		shown.DeleteTime = aws.Time(r.DeletedAt)
	}
	return shown
}
