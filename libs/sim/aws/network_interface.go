package aws

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// networkInterface is a place in a subnet. Other kinds make them too, for NAT gateways and the like.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-eni.html
type networkInterface struct {
	VPC, Subnet, Zone    string
	PrivateIP            string
	PublicIP, Allocation string // of the elastic IP it has
	Groups               []string
	Description          string
	Type                 types.NetworkInterfaceType
	RequesterManaged     bool   // made by AWS for something else, and nobody else may delete it
	AttachedTo           string // id of what uses it
}

func (i networkInterface) Owner() string { return i.Subnet }
func (i networkInterface) DisplayName() string {
	if i.RequesterManaged { // AWS describes these by the id of what they are for.
		return string(i.Type)
	}
	return i.Description
}

func (i networkInterface) Summary(name func(id string) string) string {
	text := string(i.Type) + " in " + name(i.Subnet)
	if i.AttachedTo != "" {
		text += " of " + name(i.AttachedTo)
	}
	return text
}

var networkInterfaces = engine.NewType[networkInterface](engine.Type{
	Service: "EC2", Name: "NetworkInterface", Noun: "networkInterface ID", Prefix: "eni", TagType: "network-interface",
	NotFound: "InvalidNetworkInterfaceID.NotFound", Malformed: "InvalidNetworkInterfaceId.Malformed",
})

var networkInterfaceFilters = filters[networkInterface]{
	"network-interface-id":   ofID[networkInterface],
	"owner-id":               ofAccount[networkInterface],
	"vpc-id":                 one(func(i networkInterface) string { return i.VPC }),
	"subnet-id":              one(func(i networkInterface) string { return i.Subnet }),
	"availability-zone":      one(func(i networkInterface) string { return i.Zone }),
	"description":            one(func(i networkInterface) string { return i.Description }),
	"interface-type":         one(func(i networkInterface) string { return string(i.Type) }),
	"private-ip-address":     one(func(i networkInterface) string { return i.PrivateIP }),
	"requester-managed":      yesNo(func(i networkInterface) bool { return i.RequesterManaged }),
	"attachment.instance-id": one(func(i networkInterface) string { return i.AttachedTo }),
	"group-id":               func(_ *engine.Call, r *engine.Resource[networkInterface]) []string { return r.Data.Groups },
	"status":                 one(func(i networkInterface) string { return string(i.status()) }),
}

func handleNetworkInterface(s *engine.Service) {
	engine.Handle(s, "CreateNetworkInterface", engine.Fields{"SubnetId", "ClientToken", "Description", "Groups", "PrivateIpAddress", "TagSpecifications"}, createNetworkInterface)
	engine.Handle(s, "DeleteNetworkInterface", engine.Fields{"NetworkInterfaceId"}, deleteNetworkInterface)
	engine.Handle(s, "DescribeNetworkInterfaces", engine.Fields{"Filters", "MaxResults", "NextToken", "NetworkInterfaceIds"}, func(c *engine.Call, in *ec2.DescribeNetworkInterfacesInput) (*ec2.DescribeNetworkInterfacesOutput, error) {
		shown, next, err := describe(c, networkInterfaces, networkInterfaceFilters, query{in.NetworkInterfaceIds, in.Filters, in.MaxResults, in.NextToken}, showNetworkInterface)
		return &ec2.DescribeNetworkInterfacesOutput{NetworkInterfaces: shown, NextToken: next}, err
	})
}

func createNetworkInterface(c *engine.Call, in *ec2.CreateNetworkInterfaceInput) (*ec2.CreateNetworkInterfaceOutput, error) {
	r, err := once(c, networkInterfaces, in.ClientToken, in, func() (*engine.Resource[networkInterface], error) {
		tags, err := readTagSpecifications(c, in.TagSpecifications, networkInterfaces.TagType)
		if err != nil {
			return nil, err
		}
		return place(c, in.SubnetId, in.PrivateIpAddress, networkInterface{
			Groups: in.Groups, Description: aws.ToString(in.Description), Type: types.NetworkInterfaceTypeInterface,
		}, tags)
	})
	if err != nil {
		return nil, err
	}
	return &ec2.CreateNetworkInterfaceOutput{NetworkInterface: new(showNetworkInterface(c, r)), ClientToken: in.ClientToken}, nil
}

// place puts a network interface into a subnet, with an address of the subnet and, when none are named, the default group.
// A NAT gateway's has no group.
func place(c *engine.Call, subnetID, ip *string, i networkInterface, tags map[string]string) (*engine.Resource[networkInterface], error) {
	s, err := subnets.Get(c, subnetID)
	if err != nil {
		return nil, err
	}
	for _, id := range i.Groups {
		g, err := securityGroups.Get(c, &id)
		if err != nil {
			return nil, err
		}
		if g.Data.VPC != s.Data.VPC {
			return nil, engine.Refuse("InvalidGroup.NotFound", "The security group '%s' does not exist in VPC '%s'", id, s.Data.VPC)
		}
	}
	if err := c.CheckQuota("SecurityGroupsPerInterface", len(i.Groups)-1, "SecurityGroupsPerInterfaceLimitExceeded", "The maximum number of security groups per interface has been reached."); err != nil {
		return nil, err
	}
	if err := c.CheckQuota("NetworkInterfacesPerRegion", len(networkInterfaces.List(c)), "NetworkInterfaceLimitExceeded", "The maximum number of network interfaces has been reached."); err != nil {
		return nil, err
	}
	if len(i.Groups) == 0 && i.Type == types.NetworkInterfaceTypeInterface {
		i.Groups = []string{defaultGroup(c, s.Data.VPC).ID}
	}
	if i.PrivateIP, err = vacancy(c, s, ip); err != nil {
		return nil, err
	}
	i.VPC, i.Subnet, i.Zone = s.Data.VPC, s.ID, s.Data.Zone.Name
	r := networkInterfaces.Create(c, "", i, tags)
	if i.RequesterManaged {
		r.CreatedBy = engine.ByAWS
		networkInterfaces.Put(c, r)
	}
	return r, nil
}

// vacancy is the wanted address of a subnet, or the first one free.
func vacancy(c *engine.Call, s *engine.Resource[subnet], wanted *string) (string, error) {
	taken := map[string]bool{}
	for _, i := range networkInterfaces.OwnedBy(c, s.ID) {
		taken[i.Data.PrivateIP] = true
	}
	if wanted != nil {
		ip, err := netip.ParseAddr(*wanted)
		switch {
		case err != nil || !s.Data.Prefix.Contains(ip):
			return "", engine.Refuse("InvalidParameterValue", "Address %s does not fall within the subnet's address range", *wanted)
		case taken[ip.String()]:
			return "", engine.Refuse("InvalidIPAddress.InUse", "Address %s is in use.", ip)
		}
		return ip.String(), nil
	}
	size := uint32(1) << (32 - s.Data.Prefix.Bits())
	for n := uint32(reservedAddresses - 1); n < size-1; n++ {
		if ip := nth(s.Data.Prefix, n).String(); !taken[ip] {
			return ip, nil
		}
	}
	return "", engine.Refuse("InsufficientFreeAddressesInSubnet", "There are not enough free addresses in subnet '%s'", s.ID)
}

func deleteNetworkInterface(c *engine.Call, in *ec2.DeleteNetworkInterfaceInput) (*ec2.DeleteNetworkInterfaceOutput, error) {
	r, err := networkInterfaces.Get(c, in.NetworkInterfaceId)
	switch {
	case err != nil:
		return nil, err
	case r.Data.RequesterManaged:
		return nil, engine.Refuse("OperationNotPermitted", "You are not allowed to manage '%s'.", r.ID)
	case r.Data.AttachedTo != "":
		return nil, engine.Refuse("InvalidParameterValue", "Network interface '%s' is currently in use.", r.ID)
	}
	if r.Data.Allocation != "" {
		if a, err := addresses.Get(c, &r.Data.Allocation); err == nil {
			free(c, a)
		}
	}
	networkInterfaces.Delete(c, r)
	return &ec2.DeleteNetworkInterfaceOutput{}, nil
}

// requester is how EC2 names whoever made an interface: a service of AWS, the account, or the session of a role.
func requester(c *engine.Call, r *engine.Resource[networkInterface]) string {
	switch {
	case strings.HasPrefix(r.Data.Description, "ELB "):
		return "amazon-elb"
	case r.Data.RequesterManaged:
		return "amazon-aws"
	case r.CreatedBy == engine.Root:
		return c.Account
	}
	return "AROA" + c.Account + ":" + r.CreatedBy
}

func (i networkInterface) status() types.NetworkInterfaceStatus {
	if i.AttachedTo != "" {
		return types.NetworkInterfaceStatusInUse
	}
	return types.NetworkInterfaceStatusAvailable
}

func showNetworkInterface(c *engine.Call, r *engine.Resource[networkInterface]) types.NetworkInterface {
	i := r.Data
	shown := types.NetworkInterface{
		RequesterId:        aws.String(requester(c, r)),
		NetworkInterfaceId: aws.String(r.ID), OwnerId: aws.String(c.Account), VpcId: aws.String(i.VPC), SubnetId: aws.String(i.Subnet),
		AvailabilityZone: aws.String(i.Zone), PrivateIpAddress: aws.String(i.PrivateIP), Description: aws.String(i.Description),
		InterfaceType: i.Type, RequesterManaged: aws.Bool(i.RequesterManaged), Status: i.status(),
		SourceDestCheck: aws.Bool(i.Type == types.NetworkInterfaceTypeInterface), TagSet: ec2Tags(c.VisibleTags(&r.Metadata)),
		PrivateIpAddresses: []types.NetworkInterfacePrivateIpAddress{{PrivateIpAddress: aws.String(i.PrivateIP), Primary: aws.Bool(true)}},
	}
	for _, id := range slices.Clone(i.Groups) {
		group := types.GroupIdentifier{GroupId: aws.String(id)}
		if g, ok := securityGroups.Find(c, id); ok {
			group.GroupName = aws.String(g.Data.GroupName)
		}
		shown.Groups = append(shown.Groups, group)
	}
	if i.PublicIP != "" {
		shown.Association = &types.NetworkInterfaceAssociation{
			AllocationId: aws.String(i.Allocation), PublicIp: aws.String(i.PublicIP), IpOwnerId: aws.String(c.Account),
		}
	}
	if i.AttachedTo != "" {
		shown.Attachment = &types.NetworkInterfaceAttachment{Status: types.AttachmentStatusAttached, DeviceIndex: aws.Int32(0)}
		if on, ok := instances.Find(c, i.AttachedTo); ok {
			shown.Attachment.InstanceId = aws.String(on.ID)
			shown.Attachment.DeleteOnTermination = aws.Bool(slices.ContainsFunc(on.Data.Interfaces, func(nic instanceInterface) bool {
				return nic.ID == r.ID && nic.DeleteOnTermination
			}))
		}
	}
	return shown
}
