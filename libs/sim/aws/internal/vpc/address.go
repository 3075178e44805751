package vpc

import (
	"net/netip"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/ec2api"
	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// Address is an Elastic IP address.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/elastic-ip-addresses-eip.html
type Address struct {
	PublicIP    string
	Interface   string // last associated network interface; the address is free once that is gone
	Association string
}

// Owner implements engine.Attributes.
func (a Address) Owner() string { return "" }

// Summary implements engine.Attributes.
func (a Address) Summary(name func(id string) string) string {
	if holder := name(a.Interface); holder != engine.NameOfNone && holder != engine.NameOfGone {
		return "on " + holder
	}
	return "free"
}

// Addresses is the resource type with the attributes Address.
var Addresses = engine.NewType[Address](engine.Type{
	Service: "EC2", Name: "Address", Noun: "allocation ID", Prefix: "eipalloc", TagType: "elastic-ip",
	NotFound: "InvalidAllocationID.NotFound", Malformed: "InvalidAllocationId.Malformed",
})

var addressFilters = ec2api.Filters[Address]{
	"allocation-id": ec2api.ByID[Address],
	"domain":        func(*engine.Call, *engine.Resource[Address]) []string { return []string{"vpc"} },
	"public-ip":     ec2api.ByText(func(a Address) string { return a.PublicIP }),
	"association-id": func(c *engine.Call, r *engine.Resource[Address]) []string {
		return values(showAddress(c, r).AssociationId)
	},
	"network-interface-id": func(c *engine.Call, r *engine.Resource[Address]) []string {
		return values(showAddress(c, r).NetworkInterfaceId)
	},
}

// values converts an optional text to the values of a filter.
func values(p *string) []string {
	if p == nil {
		return nil
	}
	return []string{*p}
}

// publicRange is the source of public addresses: the block that is reserved for benchmarks of network devices (RFC
// 2544).
var publicRange = netip.MustParsePrefix("198.18.0.0/15")

func handleAddress(s *engine.Service) {
	engine.Handle(s, "AllocateAddress", engine.Fields{"Domain", "TagSpecifications"}, allocateAddress)
	engine.Handle(s, "ReleaseAddress", engine.Fields{"AllocationId"}, releaseAddress)
	engine.Handle(s, "AssociateAddress", engine.Fields{"AllocationId", "NetworkInterfaceId", "AllowReassociation"}, associateAddress)
	engine.Handle(s, "DisassociateAddress", engine.Fields{"AssociationId"}, disassociateAddress)
	engine.Handle(s, "DescribeAddresses", engine.Fields{"Filters", "AllocationIds"}, func(c *engine.Call, in *ec2.DescribeAddressesInput) (*ec2.DescribeAddressesOutput, error) {
		shown, _, err := ec2api.Describe(c, Addresses, addressFilters, ec2api.Query{IDs: in.AllocationIds, Filters: in.Filters}, showAddress)
		return &ec2.DescribeAddressesOutput{Addresses: shown}, err
	})
}

func allocateAddress(c *engine.Call, in *ec2.AllocateAddressInput) (*ec2.AllocateAddressOutput, error) {
	if in.Domain == types.DomainTypeStandard {
		c.Unsimulated("Domain", in.Domain)
	}
	tags, err := ec2api.ReadTags(c, in.TagSpecifications, Addresses.TagType)
	if err != nil {
		return nil, err
	}
	if err := c.CheckQuota("AddressesPerRegion", len(Addresses.List(c)), "AddressLimitExceeded", "The maximum number of addresses has been reached."); err != nil {
		return nil, err
	}
	ip := NthAddress(publicRange, uint32(c.Sequence()%(1<<17)+1)).String()
	r := Addresses.Create(c, "", Address{PublicIP: ip}, tags)
	return &ec2.AllocateAddressOutput{
		AllocationId: aws.String(r.ID), PublicIp: aws.String(ip), Domain: types.DomainTypeVpc,
		NetworkBorderGroup: aws.String(c.Region), PublicIpv4Pool: aws.String("amazon"),
	}, nil
}

func releaseAddress(c *engine.Call, in *ec2.ReleaseAddressInput) (*ec2.ReleaseAddressOutput, error) {
	r, err := Addresses.Get(c, in.AllocationId)
	if err != nil {
		return nil, err
	}
	if InterfaceOf(c, r) != nil {
		return nil, engine.Refuse("InvalidIPAddress.InUse", "Address %s is in use.", r.Data.PublicIP)
	}
	Addresses.Delete(c, r)
	return &ec2.ReleaseAddressOutput{}, nil
}

func associateAddress(c *engine.Call, in *ec2.AssociateAddressInput) (*ec2.AssociateAddressOutput, error) {
	r, err := Addresses.Get(c, in.AllocationId)
	if err != nil {
		return nil, err
	}
	i, err := NetworkInterfaces.Get(c, in.NetworkInterfaceId)
	if err != nil {
		return nil, err
	}
	if held := InterfaceOf(c, r); held != nil && held.ID != i.ID {
		if !aws.ToBool(in.AllowReassociation) {
			return nil, engine.Refuse("Resource.AlreadyAssociated", "resource %s is already associated with associate-id %s", r.ID, r.Data.Association)
		}
		disassociate(c, r)
	} else if held != nil {
		return &ec2.AssociateAddressOutput{AssociationId: aws.String(r.Data.Association)}, nil
	}
	Associate(c, r, i)
	return &ec2.AssociateAddressOutput{AssociationId: aws.String(r.Data.Association)}, nil
}

func disassociateAddress(c *engine.Call, in *ec2.DisassociateAddressInput) (*ec2.DisassociateAddressOutput, error) {
	for _, r := range Addresses.List(c) {
		held := InterfaceOf(c, r)
		if held == nil || r.Data.Association != aws.ToString(in.AssociationId) {
			continue
		}
		if held.Data.RequesterManaged {
			return nil, engine.Refuse("AuthFailure", "You do not have permission to access the specified resource.")
		}
		disassociate(c, r)
		return &ec2.DisassociateAddressOutput{}, nil
	}
	return nil, engine.Refuse("InvalidAssociationID.NotFound", "The association ID '%s' does not exist", aws.ToString(in.AssociationId))
}

// Associate gives an address to a network interface.
func Associate(c *engine.Call, a *engine.Resource[Address], i *engine.Resource[NetworkInterface]) {
	a.Data.Interface, a.Data.Association = i.ID, "eipassoc-0"+c.NextSerial("eipassoc", 16)
	Addresses.Put(c, a)
	i.Data.PublicIP, i.Data.Allocation = a.Data.PublicIP, a.ID
	NetworkInterfaces.Put(c, i)
}

// disassociate takes an address from its network interface.
func disassociate(c *engine.Call, a *engine.Resource[Address]) {
	if i := InterfaceOf(c, a); i != nil {
		i.Data.PublicIP, i.Data.Allocation = "", ""
		NetworkInterfaces.Put(c, i)
	}
	a.Data.Interface, a.Data.Association = "", ""
	Addresses.Put(c, a)
}

// InterfaceOf returns the network interface that an address is associated with, or nil.
func InterfaceOf(c *engine.Call, r *engine.Resource[Address]) *engine.Resource[NetworkInterface] {
	i, ok := NetworkInterfaces.Find(c, r.Data.Interface)
	if !ok || i.Deleted(c.Now()) {
		return nil
	}
	return i
}

func showAddress(c *engine.Call, r *engine.Resource[Address]) types.Address {
	shown := types.Address{
		AllocationId: aws.String(r.ID), PublicIp: aws.String(r.Data.PublicIP), Domain: types.DomainTypeVpc,
		NetworkBorderGroup: aws.String(c.Region), PublicIpv4Pool: aws.String("amazon"), Tags: ec2api.Tags(c.VisibleTags(&r.Metadata)),
	}
	if i := InterfaceOf(c, r); i != nil {
		shown.AssociationId, shown.NetworkInterfaceId = aws.String(r.Data.Association), aws.String(i.ID)
		shown.NetworkInterfaceOwnerId, shown.PrivateIpAddress = aws.String(c.Account), aws.String(i.Data.PrivateIP)
	}
	return shown
}

// NewPublicIP returns a public address for a network interface without an Elastic IP address. It follows from the
// sequence number of the newest resource.
func NewPublicIP(c *engine.Call) string {
	return NthAddress(publicRange, uint32(c.Sequence()%(1<<17)+1)).String()
}
