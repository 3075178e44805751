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

	"github.com/skep-dev/skep/libs/aws/latency"
	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

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

func (b loadBalancer) Owner() string       { return b.VPC }
func (b loadBalancer) DisplayName() string { return b.Name }
func (b loadBalancer) Summary(name func(id string) string) string {
	var where []string
	for _, s := range b.Subnets {
		where = append(where, name(s.Subnet))
	}
	slices.Sort(where)
	return string(b.Scheme) + " in " + strings.Join(where, ", ")
}

var loadBalancers = engine.NewType[loadBalancer](engine.Type{Service: elbv2, Name: "LoadBalancer", Noun: "load balancer", NotFound: "LoadBalancerNotFound"})

func handleLoadBalancer(s *engine.Service) {
	engine.Handle(s, "CreateLoadBalancer", engine.Fields{"IpAddressType", "Name", "Scheme", "SecurityGroups", "SubnetMappings", "Subnets", "Tags", "Type"}, createLoadBalancer)
	engine.Handle(s, "DeleteLoadBalancer", engine.Fields{"LoadBalancerArn"}, deleteLoadBalancer)
	engine.Handle(s, "DescribeLoadBalancers", engine.Fields{"LoadBalancerArns", "Names", "Marker", "PageSize"}, describeLoadBalancers)
}

// elbName holds what is asked of the names of load balancers and target groups.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
func elbName(noun, name string) error {
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

// createLoadBalancer answers with the one that is there if it has the same name and settings.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
func createLoadBalancer(c *engine.Call, in *elb.CreateLoadBalancerInput) (*elb.CreateLoadBalancerOutput, error) {
	if in.Type != types.LoadBalancerTypeEnumNetwork {
		c.Unsimulated("Type", in.Type)
	}
	if in.IpAddressType != "" && in.IpAddressType != types.IpAddressTypeIpv4 {
		c.Unsimulated("IpAddressType", in.IpAddressType)
	}
	b := loadBalancer{Name: aws.ToString(in.Name), Type: in.Type, Scheme: in.Scheme, Groups: slices.Clone(in.SecurityGroups), Attributes: map[string]string{}}
	if b.Scheme == "" {
		b.Scheme = types.LoadBalancerSchemeEnumInternetFacing
	}
	if err := elbName("Load balancer", b.Name); err != nil {
		return nil, err
	}
	if err := chooseLoadBalancerSubnets(c, &b, in); err != nil {
		return nil, err
	}
	for _, r := range loadBalancers.List(c) {
		if r.Data.Name == b.Name {
			if r.Data.same(b) {
				return &elb.CreateLoadBalancerOutput{LoadBalancers: []types.LoadBalancer{showLoadBalancer(c, r)}}, nil
			}
			return nil, engine.Refuse("DuplicateLoadBalancerName", "A load balancer with the same name '%s' exists, but with different settings", b.Name)
		}
	}
	tags, err := elbTags(c, in.Tags)
	if err != nil {
		return nil, err
	}
	if err := c.CheckQuota("NetworkLoadBalancersPerRegion", len(loadBalancers.List(c)), "TooManyLoadBalancers", "The maximum number of load balancers has been reached"); err != nil {
		return nil, err
	}
	arn := elbARN(c, "loadbalancer/net/"+b.Name+"/"+c.NextSerial("lb", 16))
	r := loadBalancers.Create(c, arn, b, tags)
	r.ReadyAt = c.After(latency.LoadBalancerAvailable, b.Name)
	if err := createInterfaces(c, r); err != nil {
		return nil, err
	}
	loadBalancers.Put(c, r)
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

// chooseLoadBalancerSubnets checks where a load balancer is to be: in one VPC, one subnet in each zone, with an internet gateway if it
// faces the internet.
func chooseLoadBalancerSubnets(c *engine.Call, b *loadBalancer, in *elb.CreateLoadBalancerInput) error {
	mappings := in.SubnetMappings
	for _, id := range in.Subnets {
		mappings = append(mappings, types.SubnetMapping{SubnetId: aws.String(id)})
	}
	if len(in.Subnets) > 0 && len(in.SubnetMappings) > 0 || len(mappings) == 0 {
		return engine.Refuse("ValidationError", "You must specify either subnets or subnet mappings")
	}
	for _, m := range mappings {
		engine.Guard(c.Operation, m, "SubnetId", "AllocationId", "PrivateIPv4Address")
		s, err := subnets.Get(c, m.SubnetId)
		if err != nil {
			return engine.Refuse("SubnetNotFound", "The subnet ID '%s' does not exist", aws.ToString(m.SubnetId))
		}
		switch {
		case b.VPC != "" && b.VPC != s.Data.VPC:
			return engine.Refuse("InvalidConfigurationRequest", "All subnets must belong to the same VPC")
		case slices.ContainsFunc(b.Subnets, func(o loadBalancerSubnet) bool { return o.Zone == s.Data.Zone.Name }):
			return engine.Refuse("InvalidConfigurationRequest", "A load balancer cannot be attached to multiple subnets in the same Availability Zone")
		case s.Data.free(c, s.ID) < 8:
			return engine.Refuse("InvalidSubnet", "Not enough IP space available in %s. ELB requires at least 8 free IP addresses in each subnet.", s.ID)
		}
		if m.AllocationId != nil {
			a, err := addresses.Get(c, m.AllocationId)
			if err != nil {
				return engine.Refuse("AllocationIdNotFound", "The allocation ID '%s' does not exist", *m.AllocationId)
			}
			if b.Scheme == types.LoadBalancerSchemeEnumInternal {
				return engine.Refuse("InvalidConfigurationRequest", "Elastic IPs cannot be specified for an internal load balancer")
			}
			if held := associated(c, a); held != nil && !belongsTo(c, held, b.Name) {
				return engine.Refuse("ResourceInUse", "The allocation IDs are not available for use")
			}
		}
		b.VPC = s.Data.VPC
		b.Subnets = append(b.Subnets, loadBalancerSubnet{Subnet: s.ID, Zone: s.Data.Zone.Name, Allocation: aws.ToString(m.AllocationId), PrivateIP: aws.ToString(m.PrivateIPv4Address)})
	}
	if b.Scheme == types.LoadBalancerSchemeEnumInternetFacing && len(internetGateways.OwnedBy(c, b.VPC)) == 0 {
		return engine.Refuse("InvalidSubnet", "VPC %s has no internet gateway", b.VPC)
	}
	for _, id := range b.Groups {
		if g, err := securityGroups.Get(c, &id); err != nil || g.Data.VPC != b.VPC {
			return engine.Refuse("InvalidConfigurationRequest", "One or more security groups are invalid")
		}
	}
	return nil
}

// belongsTo says whether an interface belongs to the load balancer of that name.
func belongsTo(c *engine.Call, i *engine.Resource[networkInterface], name string) bool {
	b, ok := loadBalancers.Find(c, i.Data.AttachedTo)
	return ok && b.Data.Name == name
}

// createInterfaces makes the interfaces of a load balancer.
func createInterfaces(c *engine.Call, r *engine.Resource[loadBalancer]) error {
	for n := range r.Data.Subnets {
		s := &r.Data.Subnets[n]
		_, path, _ := strings.Cut(r.ID, ":loadbalancer/")
		eni, err := place(c, &s.Subnet, engine.Optional(s.PrivateIP), networkInterface{
			Description: "ELB " + path, Type: r.Data.interfaceType(),
			Groups: r.Data.Groups, RequesterManaged: true, AttachedTo: r.ID,
		}, map[string]string{})
		if err != nil {
			return err
		}
		s.Interface, s.PrivateIP = eni.ID, eni.Data.PrivateIP
		switch a, ok := addresses.Find(c, s.Allocation); {
		case ok:
			associate(c, a, eni)
		case r.Data.Scheme == types.LoadBalancerSchemeEnumInternetFacing:
			eni.Data.PublicIP = newPublicIP(c)
			networkInterfaces.Put(c, eni)
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
func deleteLoadBalancer(c *engine.Call, in *elb.DeleteLoadBalancerInput) (*elb.DeleteLoadBalancerOutput, error) {
	out := &elb.DeleteLoadBalancerOutput{}
	r, ok := loadBalancers.Find(c, aws.ToString(in.LoadBalancerArn))
	if !ok {
		return out, checkELBARN(c, in.LoadBalancerArn, "loadbalancer/")
	}
	if r.Data.Attributes["deletion_protection.enabled"] == "true" {
		return nil, engine.Refuse("OperationNotPermitted", "Load balancer '%s' cannot be deleted because deletion protection is enabled", r.ID)
	}
	end := c.After(latency.LoadBalancerReleased, r.Data.Name)
	for _, s := range r.Data.Subnets {
		releaseInterface(c, s.Interface, end)
	}
	for _, l := range listeners.OwnedBy(c, r.ID) {
		listeners.Delete(c, l)
	}
	loadBalancers.Delete(c, r)
	return out, nil
}

// releaseInterface lets an interface that AWS made for something of its own vanish at that time.
func releaseInterface(c *engine.Call, id string, at time.Time) {
	if eni, ok := networkInterfaces.Find(c, id); ok {
		eni.DeletedAt, eni.GoneAt = at, at
		networkInterfaces.Put(c, eni)
	}
}

// elbARN is the ARN of something of this service.
func elbARN(c *engine.Call, resource string) string {
	return fmt.Sprintf("arn:aws:elasticloadbalancing:%s:%s:%s", c.Region, c.Account, resource)
}

// checkELBARN refuses what cannot be the ARN of such a thing.
func checkELBARN(c *engine.Call, arn *string, resource string) error {
	if !strings.HasPrefix(aws.ToString(arn), elbARN(c, resource)) {
		return engine.Refuse("ValidationError", "'%s' is not a valid ARN", aws.ToString(arn))
	}
	return nil
}
