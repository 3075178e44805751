package aws

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// elbv2 is the service id of Elastic Load Balancing version 2.
const elbv2 = "Elastic Load Balancing v2"

// loadBalancer is a network load balancer. It has a network interface in each of its subnets, with a public address when it
// faces the internet. Application load balancers can be planted and not created; gateway load balancers are not simulated.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/network-load-balancers.html
type loadBalancer struct {
	Name, VPC  string
	Type       types.LoadBalancerTypeEnum
	Scheme     types.LoadBalancerSchemeEnum
	Subnets    []loadBalancerSubnet
	Groups     []string
	Attributes map[string]string
}

// loadBalancerSubnet is a subnet of a load balancer, and its interface there.
type loadBalancerSubnet struct{ Subnet, Zone, Allocation, PrivateIP, Interface string }

func (b loadBalancer) owner() string { return b.VPC }
func (b loadBalancer) name() string  { return b.Name }
func (b loadBalancer) text(name func(id string) string) string {
	var where []string
	for _, s := range b.Subnets {
		where = append(where, name(s.Subnet))
	}
	slices.Sort(where)
	return string(b.Scheme) + " in " + strings.Join(where, ", ")
}

var loadBalancers = register(kind[loadBalancer]{service: elbv2, name: "LoadBalancer", noun: "load balancer", missing: "LoadBalancerNotFound"})

func init() {
	handle(elbv2, "CreateLoadBalancer", fields{"IpAddressType", "Name", "Scheme", "SecurityGroups", "SubnetMappings", "Subnets", "Tags", "Type"}, createLoadBalancer)
	handle(elbv2, "DeleteLoadBalancer", fields{"LoadBalancerArn"}, deleteLoadBalancer)
	handle(elbv2, "DescribeLoadBalancers", fields{"LoadBalancerArns", "Names", "Marker", "PageSize"}, describeLoadBalancers)
}

// elbName holds what is asked of the names of load balancers and target groups.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
func elbName(noun, name string) error {
	bad := func(r rune) bool {
		return r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}
	switch {
	case len(name) > 32:
		return refuse("ValidationError", "%s name '%s' cannot be longer than '32' characters", noun, name)
	case name == "" || strings.ContainsFunc(name, bad):
		return refuse("ValidationError", "%s name '%s' can only contain characters that are alphanumeric characters and hyphens(-)", noun, name)
	case strings.HasPrefix(name, "-"), strings.HasSuffix(name, "-"), strings.HasPrefix(name, "internal-"):
		return refuse("ValidationError", "%s name '%s' cannot begin or end with a hyphen, or begin with 'internal-'", noun, name)
	}
	return nil
}

// createLoadBalancer answers with the one that is there if it has the same name and settings.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
func createLoadBalancer(c *call, in *elb.CreateLoadBalancerInput) (*elb.CreateLoadBalancerOutput, error) {
	if in.Type != types.LoadBalancerTypeEnumNetwork {
		c.unsimulated("Type", in.Type)
	}
	if in.IpAddressType != "" && in.IpAddressType != types.IpAddressTypeIpv4 {
		c.unsimulated("IpAddressType", in.IpAddressType)
	}
	b := loadBalancer{Name: aws.ToString(in.Name), Type: in.Type, Scheme: in.Scheme, Groups: slices.Clone(in.SecurityGroups), Attributes: map[string]string{}}
	if b.Scheme == "" {
		b.Scheme = types.LoadBalancerSchemeEnumInternetFacing
	}
	if err := elbName("Load balancer", b.Name); err != nil {
		return nil, err
	}
	if err := c.fitSubnets(&b, in); err != nil {
		return nil, err
	}
	for _, r := range loadBalancers.list(c) {
		if r.Data.Name == b.Name {
			if r.Data.same(b) {
				return &elb.CreateLoadBalancerOutput{LoadBalancers: []types.LoadBalancer{showLoadBalancer(c, r)}}, nil
			}
			return nil, refuse("DuplicateLoadBalancerName", "A load balancer with the same name '%s' exists, but with different settings", b.Name)
		}
	}
	tags, err := c.elbTags(in.Tags)
	if err != nil {
		return nil, err
	}
	if err := c.full("NetworkLoadBalancersPerRegion", len(loadBalancers.list(c)), "TooManyLoadBalancers", "The maximum number of load balancers has been reached"); err != nil {
		return nil, err
	}
	c.w.seq++
	arn := c.elbARN("loadbalancer/net/" + b.Name + "/" + c.serial("lb", 16))
	r := loadBalancers.create(c, arn, b, tags)
	r.ReadyAt = c.now().Add(c.w.latency("LoadBalancer/available", b.Name))
	if err := c.settleIn(r); err != nil {
		return nil, err
	}
	loadBalancers.put(c, r)
	return &elb.CreateLoadBalancerOutput{LoadBalancers: []types.LoadBalancer{showLoadBalancer(c, r)}}, nil
}

// same says whether two orders are for the same load balancer.
func (b loadBalancer) same(other loadBalancer) bool {
	wish := func(s []loadBalancerSubnet) (wishes []string) {
		for _, s := range s {
			wishes = append(wishes, s.Subnet+" "+s.Allocation)
		}
		slices.Sort(wishes)
		return wishes
	}
	mine, theirs := slices.Sorted(slices.Values(b.Groups)), slices.Sorted(slices.Values(other.Groups))
	return b.Scheme == other.Scheme && slices.Equal(mine, theirs) && slices.Equal(wish(b.Subnets), wish(other.Subnets))
}

// fitSubnets checks where a load balancer is to be: in one VPC, one subnet in each zone, with an internet gateway if it
// faces the internet.
func (c *call) fitSubnets(b *loadBalancer, in *elb.CreateLoadBalancerInput) error {
	mappings := in.SubnetMappings
	for _, id := range in.Subnets {
		mappings = append(mappings, types.SubnetMapping{SubnetId: aws.String(id)})
	}
	if len(in.Subnets) > 0 && len(in.SubnetMappings) > 0 || len(mappings) == 0 {
		return refuse("ValidationError", "You must specify either subnets or subnet mappings")
	}
	for _, m := range mappings {
		guard(c.Operation, m, "SubnetId", "AllocationId", "PrivateIPv4Address")
		s, err := subnets.get(c, m.SubnetId)
		if err != nil {
			return refuse("SubnetNotFound", "The subnet ID '%s' does not exist", aws.ToString(m.SubnetId))
		}
		switch {
		case b.VPC != "" && b.VPC != s.Data.VPC:
			return refuse("InvalidConfigurationRequest", "All subnets must belong to the same VPC")
		case slices.ContainsFunc(b.Subnets, func(o loadBalancerSubnet) bool { return o.Zone == s.Data.Zone.Name }):
			return refuse("InvalidConfigurationRequest", "A load balancer cannot be attached to multiple subnets in the same Availability Zone")
		case s.Data.free(c, s.ID) < 8:
			return refuse("InvalidSubnet", "Not enough IP space available in %s. ELB requires at least 8 free IP addresses in each subnet.", s.ID)
		}
		if m.AllocationId != nil {
			a, err := addresses.get(c, m.AllocationId)
			if err != nil {
				return refuse("AllocationIdNotFound", "The allocation ID '%s' does not exist", *m.AllocationId)
			}
			if b.Scheme == types.LoadBalancerSchemeEnumInternal {
				return refuse("InvalidConfigurationRequest", "Elastic IPs cannot be specified for an internal load balancer")
			}
			if held := associated(c, a); held != nil && !c.ofLoadBalancer(held, b.Name) {
				return refuse("ResourceInUse", "The allocation IDs are not available for use")
			}
		}
		b.VPC = s.Data.VPC
		b.Subnets = append(b.Subnets, loadBalancerSubnet{Subnet: s.ID, Zone: s.Data.Zone.Name, Allocation: aws.ToString(m.AllocationId), PrivateIP: aws.ToString(m.PrivateIPv4Address)})
	}
	if b.Scheme == types.LoadBalancerSchemeEnumInternetFacing && len(internetGateways.of(c, b.VPC)) == 0 {
		return refuse("InvalidSubnet", "VPC %s has no internet gateway", b.VPC)
	}
	for _, id := range b.Groups {
		if g, err := securityGroups.get(c, &id); err != nil || g.Data.VPC != b.VPC {
			return refuse("InvalidConfigurationRequest", "One or more security groups are invalid")
		}
	}
	return nil
}

// ofLoadBalancer says whether an interface belongs to the load balancer of that name.
func (c *call) ofLoadBalancer(i *row[networkInterface], name string) bool {
	b, ok := loadBalancers.in(c.w, loadBalancers.scope(c)).byID[i.Data.AttachedTo]
	return ok && b.Data.Name == name
}

// settleIn makes the interfaces of a load balancer.
func (c *call) settleIn(r *row[loadBalancer]) error {
	for n := range r.Data.Subnets {
		s := &r.Data.Subnets[n]
		_, path, _ := strings.Cut(r.ID, ":loadbalancer/")
		eni, err := place(c, &s.Subnet, optional(s.PrivateIP), networkInterface{
			Description: "ELB " + path, Type: r.Data.interfaceType(),
			Groups: r.Data.Groups, RequesterManaged: true, AttachedTo: r.ID,
		}, map[string]string{})
		if err != nil {
			return err
		}
		s.Interface, s.PrivateIP = eni.ID, eni.Data.PrivateIP
		switch a, ok := addresses.in(c.w, addresses.scope(c)).byID[s.Allocation]; {
		case ok:
			associate(c, a, eni)
		case r.Data.Scheme == types.LoadBalancerSchemeEnumInternetFacing:
			eni.Data.PublicIP = c.publicIP()
			networkInterfaces.put(c, eni)
		}
	}
	return nil
}

// interfaceType is what EC2 calls the interfaces of a load balancer: those of an application load balancer are like any other.
func (b loadBalancer) interfaceType() ec2types.NetworkInterfaceType {
	if b.Type == types.LoadBalancerTypeEnumApplication {
		return ec2types.NetworkInterfaceTypeInterface
	}
	return ec2types.NetworkInterfaceTypeNetworkLoadBalancer
}

// deleteLoadBalancer takes the listeners along at once, while the interfaces stay for some seconds. One that is not there
// is no error.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteLoadBalancer.html
func deleteLoadBalancer(c *call, in *elb.DeleteLoadBalancerInput) (*elb.DeleteLoadBalancerOutput, error) {
	out := &elb.DeleteLoadBalancerOutput{}
	r, ok := loadBalancers.in(c.w, loadBalancers.scope(c)).byID[aws.ToString(in.LoadBalancerArn)]
	if !ok {
		return out, c.checkELBARN(in.LoadBalancerArn, "loadbalancer/")
	}
	if r.Data.Attributes["deletion_protection.enabled"] == "true" {
		return nil, refuse("OperationNotPermitted", "Load balancer '%s' cannot be deleted because deletion protection is enabled", r.ID)
	}
	end := c.now().Add(c.w.latency("LoadBalancer/released", r.Data.Name))
	for _, s := range r.Data.Subnets {
		c.release(s.Interface, end)
	}
	for _, l := range listeners.of(c, r.ID) {
		listeners.delete(c, l)
	}
	loadBalancers.delete(c, r)
	return out, nil
}

// release lets an interface that AWS made for something of its own vanish at that time.
func (c *call) release(id string, at time.Time) {
	if eni, ok := networkInterfaces.in(c.w, networkInterfaces.scope(c)).byID[id]; ok {
		eni.DeletedAt, eni.GoneAt = at, at
		networkInterfaces.put(c, eni)
	}
}

// elbARN is the ARN of something of this service.
func (c *call) elbARN(resource string) string {
	return fmt.Sprintf("arn:aws:elasticloadbalancing:%s:%s:%s", c.Region, c.Account, resource)
}

// checkELBARN refuses what cannot be the ARN of such a thing.
func (c *call) checkELBARN(arn *string, resource string) error {
	if !strings.HasPrefix(aws.ToString(arn), c.elbARN(resource)) {
		return refuse("ValidationError", "'%s' is not a valid ARN", aws.ToString(arn))
	}
	return nil
}
