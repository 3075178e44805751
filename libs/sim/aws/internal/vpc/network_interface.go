package vpc

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/ec2api"
	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// NetworkInterface is an elastic network interface in a subnet. Instances, NAT gateways, load balancers and endpoints
// create them too.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-eni.html
type NetworkInterface struct {
	VPC, Subnet, Zone    string
	PrivateIP            string
	PublicIP, Allocation string // of its Elastic IP address
	Groups               []string
	Description          string
	Type                 types.NetworkInterfaceType
	RequesterManaged     bool   // created by an AWS service, which alone may delete it
	AttachedTo           string // id of the resource that uses it
	DeleteOnTermination  bool   // if AttachedTo is an instance
}

// Owner implements engine.Attributes.
func (i NetworkInterface) Owner() string { return i.Subnet }

// DisplayName implements engine.Named.
func (i NetworkInterface) DisplayName() string {
	if i.RequesterManaged { // their description contains an id
		return string(i.Type)
	}
	return i.Description
}

// Summary implements engine.Attributes.
func (i NetworkInterface) Summary(name func(id string) string) string {
	text := string(i.Type) + " in " + name(i.Subnet)
	if i.AttachedTo != "" {
		text += " of " + name(i.AttachedTo)
	}
	return text
}

// NetworkInterfaces is the resource type with the attributes NetworkInterface.
var NetworkInterfaces = engine.NewType[NetworkInterface](engine.Type{
	Service: "EC2", Name: "NetworkInterface", Noun: "networkInterface ID", Prefix: "eni", TagType: "network-interface",
	NotFound: "InvalidNetworkInterfaceID.NotFound", Malformed: "InvalidNetworkInterfaceId.Malformed",
})

var networkInterfaceFilters = ec2api.Filters[NetworkInterface]{
	"network-interface-id":   ec2api.ByID[NetworkInterface],
	"owner-id":               ec2api.ByAccount[NetworkInterface],
	"vpc-id":                 ec2api.ByText(func(i NetworkInterface) string { return i.VPC }),
	"subnet-id":              ec2api.ByText(func(i NetworkInterface) string { return i.Subnet }),
	"availability-zone":      ec2api.ByText(func(i NetworkInterface) string { return i.Zone }),
	"description":            ec2api.ByText(func(i NetworkInterface) string { return i.Description }),
	"interface-type":         ec2api.ByText(func(i NetworkInterface) string { return string(i.Type) }),
	"private-ip-address":     ec2api.ByText(func(i NetworkInterface) string { return i.PrivateIP }),
	"requester-managed":      ec2api.ByBool(func(i NetworkInterface) bool { return i.RequesterManaged }),
	"attachment.instance-id": ec2api.ByText(func(i NetworkInterface) string { return i.AttachedTo }),
	"group-id":               func(_ *engine.Call, r *engine.Resource[NetworkInterface]) []string { return r.Data.Groups },
	"status":                 ec2api.ByText(func(i NetworkInterface) string { return string(i.status()) }),
}

func handleNetworkInterface(s *engine.Service) {
	engine.Handle(s, "CreateNetworkInterface", engine.Fields{"SubnetId", "ClientToken", "Description", "Groups", "PrivateIpAddress", "TagSpecifications"}, createNetworkInterface)
	engine.Handle(s, "DeleteNetworkInterface", engine.Fields{"NetworkInterfaceId"}, deleteNetworkInterface)
	engine.Handle(s, "DescribeNetworkInterfaces", engine.Fields{"Filters", "MaxResults", "NextToken", "NetworkInterfaceIds"}, func(c *engine.Call, in *ec2.DescribeNetworkInterfacesInput) (*ec2.DescribeNetworkInterfacesOutput, error) {
		shown, next, err := ec2api.Describe(c, NetworkInterfaces, networkInterfaceFilters, ec2api.Query{IDs: in.NetworkInterfaceIds, Filters: in.Filters, Max: in.MaxResults, Next: in.NextToken}, DescribeNetworkInterface)
		return &ec2.DescribeNetworkInterfacesOutput{NetworkInterfaces: shown, NextToken: next}, err
	})
}

func createNetworkInterface(c *engine.Call, in *ec2.CreateNetworkInterfaceInput) (*ec2.CreateNetworkInterfaceOutput, error) {
	r, err := ec2api.Once(c, NetworkInterfaces, in.ClientToken, in, func() (*engine.Resource[NetworkInterface], error) {
		tags, err := ec2api.ReadTags(c, in.TagSpecifications, NetworkInterfaces.TagType)
		if err != nil {
			return nil, err
		}
		return NewNetworkInterface(c, in.SubnetId, in.PrivateIpAddress, NetworkInterface{
			Groups: in.Groups, Description: aws.ToString(in.Description), Type: types.NetworkInterfaceTypeInterface,
		}, tags)
	})
	if err != nil {
		return nil, err
	}
	return &ec2.CreateNetworkInterfaceOutput{NetworkInterface: new(DescribeNetworkInterface(c, r)), ClientToken: in.ClientToken}, nil
}

// NewNetworkInterface creates a network interface in a subnet, with the given address or the first free one. An
// interface of the type "interface" without groups gets the default group; interfaces of AWS services have none.
func NewNetworkInterface(c *engine.Call, subnetID, ip *string, i NetworkInterface, tags map[string]string) (*engine.Resource[NetworkInterface], error) {
	s, err := Subnets.Get(c, subnetID)
	if err != nil {
		return nil, err
	}
	for _, id := range i.Groups {
		g, err := SecurityGroups.Get(c, &id)
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
	if err := c.CheckQuota("NetworkInterfacesPerRegion", len(NetworkInterfaces.List(c)), "NetworkInterfaceLimitExceeded", "The maximum number of network interfaces has been reached."); err != nil {
		return nil, err
	}
	if len(i.Groups) == 0 && i.Type == types.NetworkInterfaceTypeInterface {
		i.Groups = []string{DefaultSecurityGroup(c, s.Data.VPC).ID}
	}
	if i.PrivateIP, err = FreeAddress(c, s, ip); err != nil {
		return nil, err
	}
	i.VPC, i.Subnet, i.Zone = s.Data.VPC, s.ID, s.Data.Zone.Name
	r := NetworkInterfaces.Create(c, "", i, tags)
	if i.RequesterManaged {
		r.CreatedBy = engine.ByAWS
		NetworkInterfaces.Put(c, r)
	}
	return r, nil
}

// FreeAddress returns the wanted address of a subnet, or the first free one. It refuses a wanted address that is in
// use.
func FreeAddress(c *engine.Call, s *engine.Resource[Subnet], wanted *string) (string, error) {
	taken := map[string]bool{}
	for _, i := range NetworkInterfaces.OwnedBy(c, s.ID) {
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
		if ip := NthAddress(s.Data.Prefix, n).String(); !taken[ip] {
			return ip, nil
		}
	}
	return "", engine.Refuse("InsufficientFreeAddressesInSubnet", "There are not enough free addresses in subnet '%s'", s.ID)
}

func deleteNetworkInterface(c *engine.Call, in *ec2.DeleteNetworkInterfaceInput) (*ec2.DeleteNetworkInterfaceOutput, error) {
	r, err := NetworkInterfaces.Get(c, in.NetworkInterfaceId)
	switch {
	case err != nil:
		return nil, err
	case r.Data.RequesterManaged:
		return nil, engine.Refuse("OperationNotPermitted", "You are not allowed to manage '%s'.", r.ID)
	case r.Data.AttachedTo != "":
		return nil, engine.Refuse("InvalidParameterValue", "Network interface '%s' is currently in use.", r.ID)
	}
	if r.Data.Allocation != "" {
		if a, err := Addresses.Get(c, &r.Data.Allocation); err == nil {
			disassociate(c, a)
		}
	}
	NetworkInterfaces.Delete(c, r)
	return &ec2.DeleteNetworkInterfaceOutput{}, nil
}

// requester returns how EC2 names the creator of an interface: an AWS service, the account, or the session of a role.
func requester(c *engine.Call, r *engine.Resource[NetworkInterface]) string {
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

func (i NetworkInterface) status() types.NetworkInterfaceStatus {
	if i.AttachedTo != "" {
		return types.NetworkInterfaceStatusInUse
	}
	return types.NetworkInterfaceStatusAvailable
}

// DescribeNetworkInterface describes a network interface in the form of EC2.
func DescribeNetworkInterface(c *engine.Call, r *engine.Resource[NetworkInterface]) types.NetworkInterface {
	i := r.Data
	shown := types.NetworkInterface{
		RequesterId:        aws.String(requester(c, r)),
		NetworkInterfaceId: aws.String(r.ID), OwnerId: aws.String(c.Account), VpcId: aws.String(i.VPC), SubnetId: aws.String(i.Subnet),
		AvailabilityZone: aws.String(i.Zone), PrivateIpAddress: aws.String(i.PrivateIP), Description: aws.String(i.Description),
		InterfaceType: i.Type, RequesterManaged: aws.Bool(i.RequesterManaged), Status: i.status(),
		SourceDestCheck: aws.Bool(i.Type == types.NetworkInterfaceTypeInterface), TagSet: ec2api.Tags(c.VisibleTags(&r.Metadata)),
		PrivateIpAddresses: []types.NetworkInterfacePrivateIpAddress{{PrivateIpAddress: aws.String(i.PrivateIP), Primary: aws.Bool(true)}},
	}
	for _, id := range slices.Clone(i.Groups) {
		group := types.GroupIdentifier{GroupId: aws.String(id)}
		if g, ok := SecurityGroups.Find(c, id); ok {
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
		if strings.HasPrefix(i.AttachedTo, "i-") {
			shown.Attachment.InstanceId = aws.String(i.AttachedTo)
			shown.Attachment.DeleteOnTermination = aws.Bool(i.DeleteOnTermination)
		}
	}
	return shown
}

// ReleaseInterface makes an interface of an AWS service disappear at a later time.
func ReleaseInterface(c *engine.Call, id string, at time.Time) {
	if eni, ok := NetworkInterfaces.Find(c, id); ok {
		eni.DeletedAt, eni.GoneAt = at, at
		NetworkInterfaces.Put(c, eni)
	}
}
