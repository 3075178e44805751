package aws

import (
	"net/netip"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// address is an elastic IP.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/elastic-ip-addresses-eip.html
type address struct {
	PublicIP    string
	Interface   string // what it was associated with last; it is free again when that is gone
	Association string
}

func (a address) owner() string { return "" }
func (a address) text(name func(id string) string) string {
	if holder := name(a.Interface); holder != nobody && holder != vanished {
		return "on " + holder
	}
	return "free"
}

var addresses = register(kind[address]{
	service: "EC2", name: "Address", noun: "allocation ID", prefix: "eipalloc", tagged: "elastic-ip",
	missing: "InvalidAllocationID.NotFound", malformed: "InvalidAllocationId.Malformed",
})

var addressFilters = filters[address]{
	"allocation-id":  ofID[address],
	"domain":         func(*call, *row[address]) []string { return []string{"vpc"} },
	"public-ip":      one(func(a address) string { return a.PublicIP }),
	"association-id": func(c *call, r *row[address]) []string { return values(showAddress(c, r).AssociationId) },
	"network-interface-id": func(c *call, r *row[address]) []string {
		return values(showAddress(c, r).NetworkInterfaceId)
	},
}

// values is what a filter sees of something that may be absent.
func values(p *string) []string {
	if p == nil {
		return nil
	}
	return []string{*p}
}

// publicRange is where elastic IPs come from: the block that is set aside for tests of network devices (RFC 2544).
var publicRange = netip.MustParsePrefix("198.18.0.0/15")

func init() {
	handle("EC2", "AllocateAddress", fields{"Domain", "TagSpecifications"}, allocateAddress)
	handle("EC2", "ReleaseAddress", fields{"AllocationId"}, releaseAddress)
	handle("EC2", "AssociateAddress", fields{"AllocationId", "NetworkInterfaceId", "AllowReassociation"}, associateAddress)
	handle("EC2", "DisassociateAddress", fields{"AssociationId"}, disassociateAddress)
	handle("EC2", "DescribeAddresses", fields{"Filters", "AllocationIds"}, func(c *call, in *ec2.DescribeAddressesInput) (*ec2.DescribeAddressesOutput, error) {
		shown, _, err := describe(c, addresses, addressFilters, query{ids: in.AllocationIds, filters: in.Filters}, showAddress)
		return &ec2.DescribeAddressesOutput{Addresses: shown}, err
	})
}

func allocateAddress(c *call, in *ec2.AllocateAddressInput) (*ec2.AllocateAddressOutput, error) {
	if in.Domain == types.DomainTypeStandard {
		c.unsimulated("Domain", in.Domain)
	}
	tags, err := c.tagsOn(in.TagSpecifications, addresses.tagged)
	if err != nil {
		return nil, err
	}
	if err := c.full("AddressesPerRegion", len(addresses.list(c)), "AddressLimitExceeded", "The maximum number of addresses has been reached."); err != nil {
		return nil, err
	}
	ip := nth(publicRange, uint32(c.w.seq%(1<<17)+1)).String()
	r := addresses.create(c, "", address{PublicIP: ip}, tags)
	return &ec2.AllocateAddressOutput{
		AllocationId: aws.String(r.ID), PublicIp: aws.String(ip), Domain: types.DomainTypeVpc,
		NetworkBorderGroup: aws.String(c.Region), PublicIpv4Pool: aws.String("amazon"),
	}, nil
}

func releaseAddress(c *call, in *ec2.ReleaseAddressInput) (*ec2.ReleaseAddressOutput, error) {
	r, err := addresses.get(c, in.AllocationId)
	if err != nil {
		return nil, err
	}
	if associated(c, r) != nil {
		return nil, refuse("InvalidIPAddress.InUse", "Address %s is in use.", r.Data.PublicIP)
	}
	addresses.delete(c, r)
	return &ec2.ReleaseAddressOutput{}, nil
}

func associateAddress(c *call, in *ec2.AssociateAddressInput) (*ec2.AssociateAddressOutput, error) {
	r, err := addresses.get(c, in.AllocationId)
	if err != nil {
		return nil, err
	}
	i, err := networkInterfaces.get(c, in.NetworkInterfaceId)
	if err != nil {
		return nil, err
	}
	if held := associated(c, r); held != nil && held.ID != i.ID {
		if !aws.ToBool(in.AllowReassociation) {
			return nil, refuse("Resource.AlreadyAssociated", "resource %s is already associated with associate-id %s", r.ID, r.Data.Association)
		}
		free(c, r)
	} else if held != nil {
		return &ec2.AssociateAddressOutput{AssociationId: aws.String(r.Data.Association)}, nil
	}
	associate(c, r, i)
	return &ec2.AssociateAddressOutput{AssociationId: aws.String(r.Data.Association)}, nil
}

func disassociateAddress(c *call, in *ec2.DisassociateAddressInput) (*ec2.DisassociateAddressOutput, error) {
	for _, r := range addresses.list(c) {
		held := associated(c, r)
		if held == nil || r.Data.Association != aws.ToString(in.AssociationId) {
			continue
		}
		if held.Data.RequesterManaged {
			return nil, refuse("AuthFailure", "You do not have permission to access the specified resource.")
		}
		free(c, r)
		return &ec2.DisassociateAddressOutput{}, nil
	}
	return nil, refuse("InvalidAssociationID.NotFound", "The association ID '%s' does not exist", aws.ToString(in.AssociationId))
}

// associate gives an address to a network interface.
func associate(c *call, a *row[address], i *row[networkInterface]) {
	c.w.seq++
	a.Data.Interface, a.Data.Association = i.ID, "eipassoc-0"+c.serial("eipassoc", 16)
	addresses.put(c, a)
	i.Data.PublicIP, i.Data.Allocation = a.Data.PublicIP, a.ID
	networkInterfaces.put(c, i)
}

// free takes an address from the network interface that has it.
func free(c *call, a *row[address]) {
	if i := associated(c, a); i != nil {
		i.Data.PublicIP, i.Data.Allocation = "", ""
		networkInterfaces.put(c, i)
	}
	a.Data.Interface, a.Data.Association = "", ""
	addresses.put(c, a)
}

// associated is the network interface that has an address now, or nil.
func associated(c *call, r *row[address]) *row[networkInterface] {
	i, ok := networkInterfaces.in(c.w, networkInterfaces.scope(c)).byID[r.Data.Interface]
	if !ok || i.deleted(c.now()) {
		return nil
	}
	return i
}

func showAddress(c *call, r *row[address]) types.Address {
	shown := types.Address{
		AllocationId: aws.String(r.ID), PublicIp: aws.String(r.Data.PublicIP), Domain: types.DomainTypeVpc,
		NetworkBorderGroup: aws.String(c.Region), PublicIpv4Pool: aws.String("amazon"), Tags: ec2Tags(c.shown(&r.meta)),
	}
	if i := associated(c, r); i != nil {
		shown.AssociationId, shown.NetworkInterfaceId = aws.String(r.Data.Association), aws.String(i.ID)
		shown.NetworkInterfaceOwnerId, shown.PrivateIpAddress = aws.String(c.Account), aws.String(i.Data.PrivateIP)
	}
	return shown
}
