package elb

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/skep-dev/skep/libs/aws/latency"
	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
	"github.com/skep-dev/skep/libs/sim/aws/internal/vpc"
)

// LoadBalancer is a network load balancer, with a network interface in each of its subnets. If it is internet-facing,
// the interfaces have public addresses. Fixtures create application load balancers; CreateLoadBalancer does not.
// Gateway load balancers are not simulated.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/network-load-balancers.html
type LoadBalancer struct {
	Name, VPC  string
	Type       types.LoadBalancerTypeEnum
	Scheme     types.LoadBalancerSchemeEnum
	Subnets    []LoadBalancerSubnet
	Groups     []string
	Attributes map[string]string
}

// LoadBalancerSubnet is a subnet of a load balancer, and the network interface in it.
type LoadBalancerSubnet struct{ Subnet, Zone, Allocation, PrivateIP, Interface string }

// Owner implements engine.Attributes.
func (b LoadBalancer) Owner() string { return b.VPC }

// DisplayName implements engine.Named.
func (b LoadBalancer) DisplayName() string { return b.Name }

// Summary implements engine.Attributes.
func (b LoadBalancer) Summary(name func(id string) string) string {
	var where []string
	for _, s := range b.Subnets {
		where = append(where, name(s.Subnet))
	}
	slices.Sort(where)
	return string(b.Scheme) + " in " + strings.Join(where, ", ")
}

// LoadBalancers is the resource type with the attributes LoadBalancer.
var LoadBalancers = engine.NewType[LoadBalancer](engine.Type{Service: serviceID, Name: "LoadBalancer", Noun: "load balancer", NotFound: "LoadBalancerNotFound"})

func handleLoadBalancer(s *engine.Service) {
	engine.Handle(s, "CreateLoadBalancer", engine.Fields{"IpAddressType", "Name", "Scheme", "SecurityGroups", "SubnetMappings", "Subnets", "Tags", "Type"}, createLoadBalancer)
	engine.Handle(s, "DeleteLoadBalancer", engine.Fields{"LoadBalancerArn"}, deleteLoadBalancer)
	engine.Handle(s, "DescribeLoadBalancers", engine.Fields{"LoadBalancerArns", "Names", "Marker", "PageSize"}, describeLoadBalancers)
}

// checkName checks the name of a load balancer or target group.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
func checkName(noun, name string) error {
	bad := func(r rune) bool {
		return r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}
	switch {
	case len(name) > 32:
		return engine.Refuse("ValidationError", "%s name '%s' cannot be longer than '32' characters", noun, name)
	case name == "" || strings.ContainsFunc(name, bad):
		return engine.Refuse("ValidationError", "%s name '%s' can only contain characters that are alphanumeric characters and hyphens(-)", noun, name)
	case strings.HasPrefix(name, "-"), strings.HasSuffix(name, "-"), strings.HasPrefix(name, "internal-"):
		return engine.Refuse("ValidationError", "%s name '%s' cannot begin or end with a hyphen, or begin with 'internal-'", noun, name)
	}
	return nil
}

// createLoadBalancer returns the existing load balancer if it has the same name and settings.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
func createLoadBalancer(c *engine.Call, in *elb.CreateLoadBalancerInput) (*elb.CreateLoadBalancerOutput, error) {
	if in.Type != types.LoadBalancerTypeEnumNetwork {
		c.Unsimulated("Type", in.Type)
	}
	if in.IpAddressType != "" && in.IpAddressType != types.IpAddressTypeIpv4 {
		c.Unsimulated("IpAddressType", in.IpAddressType)
	}
	b := LoadBalancer{Name: aws.ToString(in.Name), Type: in.Type, Scheme: in.Scheme, Groups: slices.Clone(in.SecurityGroups), Attributes: map[string]string{}}
	if b.Scheme == "" {
		b.Scheme = types.LoadBalancerSchemeEnumInternetFacing
	}
	if err := checkName("Load balancer", b.Name); err != nil {
		return nil, err
	}
	if err := chooseSubnets(c, &b, in); err != nil {
		return nil, err
	}
	for _, r := range LoadBalancers.List(c) {
		if r.Data.Name == b.Name {
			if r.Data.same(b) {
				return &elb.CreateLoadBalancerOutput{LoadBalancers: []types.LoadBalancer{showLoadBalancer(c, r)}}, nil
			}
			return nil, engine.Refuse("DuplicateLoadBalancerName", "A load balancer with the same name '%s' exists, but with different settings", b.Name)
		}
	}
	tags, err := readTags(c, in.Tags)
	if err != nil {
		return nil, err
	}
	if err := c.CheckQuota("NetworkLoadBalancersPerRegion", len(LoadBalancers.List(c)), "TooManyLoadBalancers", "The maximum number of load balancers has been reached"); err != nil {
		return nil, err
	}
	arn := ARN(c, "loadbalancer/net/"+b.Name+"/"+c.NextSerial("lb", 16))
	r := LoadBalancers.Create(c, arn, b, tags)
	r.ReadyAt = c.After(latency.LoadBalancerAvailable, b.Name)
	if err := CreateInterfaces(c, r); err != nil {
		return nil, err
	}
	LoadBalancers.Put(c, r)
	return &elb.CreateLoadBalancerOutput{LoadBalancers: []types.LoadBalancer{showLoadBalancer(c, r)}}, nil
}

// same reports whether two load balancers have the same settings.
func (b LoadBalancer) same(other LoadBalancer) bool {
	keysOf := func(s []LoadBalancerSubnet) (keys []string) {
		for _, s := range s {
			keys = append(keys, s.Subnet+" "+s.Allocation)
		}
		slices.Sort(keys)
		return keys
	}
	mine, theirs := slices.Sorted(slices.Values(b.Groups)), slices.Sorted(slices.Values(other.Groups))
	return b.Scheme == other.Scheme && slices.Equal(mine, theirs) && slices.Equal(keysOf(b.Subnets), keysOf(other.Subnets))
}

// chooseSubnets checks and sets the subnets of a load balancer: all in one VPC, one for each zone. The VPC of an
// internet-facing load balancer has to have an internet gateway.
func chooseSubnets(c *engine.Call, b *LoadBalancer, in *elb.CreateLoadBalancerInput) error {
	mappings := in.SubnetMappings
	for _, id := range in.Subnets {
		mappings = append(mappings, types.SubnetMapping{SubnetId: aws.String(id)})
	}
	if len(in.Subnets) > 0 && len(in.SubnetMappings) > 0 || len(mappings) == 0 {
		return engine.Refuse("ValidationError", "You must specify either subnets or subnet mappings")
	}
	for _, m := range mappings {
		engine.Guard(c.Operation, m, "SubnetId", "AllocationId", "PrivateIPv4Address")
		s, err := vpc.Subnets.Get(c, m.SubnetId)
		if err != nil {
			return engine.Refuse("SubnetNotFound", "The subnet ID '%s' does not exist", aws.ToString(m.SubnetId))
		}
		switch {
		case b.VPC != "" && b.VPC != s.Data.VPC:
			return engine.Refuse("InvalidConfigurationRequest", "All subnets must belong to the same VPC")
		case slices.ContainsFunc(b.Subnets, func(o LoadBalancerSubnet) bool { return o.Zone == s.Data.Zone.Name }):
			return engine.Refuse("InvalidConfigurationRequest", "A load balancer cannot be attached to multiple subnets in the same Availability Zone")
		case s.Data.FreeAddresses(c, s.ID) < 8:
			return engine.Refuse("InvalidSubnet", "Not enough IP space available in %s. ELB requires at least 8 free IP addresses in each subnet.", s.ID)
		}
		if m.AllocationId != nil {
			a, err := vpc.Addresses.Get(c, m.AllocationId)
			if err != nil {
				return engine.Refuse("AllocationIdNotFound", "The allocation ID '%s' does not exist", *m.AllocationId)
			}
			if b.Scheme == types.LoadBalancerSchemeEnumInternal {
				return engine.Refuse("InvalidConfigurationRequest", "Elastic IPs cannot be specified for an internal load balancer")
			}
			if held := vpc.InterfaceOf(c, a); held != nil && !belongsTo(c, held, b.Name) {
				return engine.Refuse("ResourceInUse", "The allocation IDs are not available for use")
			}
		}
		b.VPC = s.Data.VPC
		b.Subnets = append(b.Subnets, LoadBalancerSubnet{Subnet: s.ID, Zone: s.Data.Zone.Name, Allocation: aws.ToString(m.AllocationId), PrivateIP: aws.ToString(m.PrivateIPv4Address)})
	}
	if b.Scheme == types.LoadBalancerSchemeEnumInternetFacing && len(vpc.InternetGateways.OwnedBy(c, b.VPC)) == 0 {
		return engine.Refuse("InvalidSubnet", "VPC %s has no internet gateway", b.VPC)
	}
	for _, id := range b.Groups {
		if g, err := vpc.SecurityGroups.Get(c, &id); err != nil || g.Data.VPC != b.VPC {
			return engine.Refuse("InvalidConfigurationRequest", "One or more security groups are invalid")
		}
	}
	return nil
}

// belongsTo reports whether an interface belongs to the load balancer with the name.
func belongsTo(c *engine.Call, i *engine.Resource[vpc.NetworkInterface], name string) bool {
	b, ok := LoadBalancers.Find(c, i.Data.AttachedTo)
	return ok && b.Data.Name == name
}

// CreateInterfaces creates the network interfaces of a load balancer.
func CreateInterfaces(c *engine.Call, r *engine.Resource[LoadBalancer]) error {
	for n := range r.Data.Subnets {
		s := &r.Data.Subnets[n]
		_, path, _ := strings.Cut(r.ID, ":loadbalancer/")
		eni, err := vpc.NewNetworkInterface(c, &s.Subnet, engine.Optional(s.PrivateIP), vpc.NetworkInterface{
			Description: "ELB " + path, Type: r.Data.interfaceType(),
			Groups: r.Data.Groups, RequesterManaged: true, AttachedTo: r.ID,
		}, map[string]string{})
		if err != nil {
			return err
		}
		s.Interface, s.PrivateIP = eni.ID, eni.Data.PrivateIP
		switch a, ok := vpc.Addresses.Find(c, s.Allocation); {
		case ok:
			vpc.Associate(c, a, eni)
		case r.Data.Scheme == types.LoadBalancerSchemeEnumInternetFacing:
			eni.Data.PublicIP = vpc.NewPublicIP(c)
			vpc.NetworkInterfaces.Put(c, eni)
		}
	}
	return nil
}

// interfaceType returns the type of the network interfaces. EC2 has no type of its own for those of an application load
// balancer.
func (b LoadBalancer) interfaceType() ec2types.NetworkInterfaceType {
	if b.Type == types.LoadBalancerTypeEnumApplication {
		return ec2types.NetworkInterfaceTypeInterface
	}
	return ec2types.NetworkInterfaceTypeNetworkLoadBalancer
}

// deleteLoadBalancer deletes a load balancer and its listeners at once, and its network interfaces some seconds later.
// It succeeds if the load balancer does not exist.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteLoadBalancer.html
func deleteLoadBalancer(c *engine.Call, in *elb.DeleteLoadBalancerInput) (*elb.DeleteLoadBalancerOutput, error) {
	out := &elb.DeleteLoadBalancerOutput{}
	r, ok := LoadBalancers.Find(c, aws.ToString(in.LoadBalancerArn))
	if !ok {
		return out, checkARN(c, in.LoadBalancerArn, "loadbalancer/")
	}
	if r.Data.Attributes["deletion_protection.enabled"] == "true" {
		return nil, engine.Refuse("OperationNotPermitted", "Load balancer '%s' cannot be deleted because deletion protection is enabled", r.ID)
	}
	end := c.After(latency.LoadBalancerReleased, r.Data.Name)
	for _, s := range r.Data.Subnets {
		vpc.ReleaseInterface(c, s.Interface, end)
	}
	for _, l := range Listeners.OwnedBy(c, r.ID) {
		Listeners.Delete(c, l)
	}
	LoadBalancers.Delete(c, r)
	return out, nil
}

// ARN returns the ARN of a resource of this service.
func ARN(c *engine.Call, resource string) string {
	return fmt.Sprintf("arn:aws:elasticloadbalancing:%s:%s:%s", c.Region, c.Account, resource)
}

// checkARN refuses text that is no ARN of the resource type.
func checkARN(c *engine.Call, arn *string, resource string) error {
	if !strings.HasPrefix(aws.ToString(arn), ARN(c, resource)) {
		return engine.Refuse("ValidationError", "'%s' is not a valid ARN", aws.ToString(arn))
	}
	return nil
}
