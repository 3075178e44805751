package aws

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// What controllers make for Services of type LoadBalancer and for Ingresses, with all that hangs on it.
var loadBalancerFixtures = []Fixture{
	{Name: "classic load balancer of the cloud controller manager", create: newClassic},
	{Name: "network load balancer of the cloud controller manager", create: newNetwork},
	{Name: "application load balancer of the AWS Load Balancer Controller", create: newApplication},
	{Name: "target group that its load balancer left behind", create: newTargetGroup},
}

// newClassic is a Service without annotations: a load balancer named after the uid of the Service, its security group
// `k8s-elb-<name>`, and a rule in the group of the nodes that names it.
// https://github.com/kubernetes/cloud-provider-aws/blob/master/pkg/providers/v1/aws_loadbalancer.go
func newClassic(s *site, suffix string) error {
	name := "a" + strings.Repeat("0", 25) + suffix
	tags := s.ownedTags(map[string]string{"kubernetes.io/service-name": "default/web-" + suffix})
	group, err := s.newSecurityGroup("k8s-elb-"+name, "Security group for Kubernetes ELB "+name+" (default/web-"+suffix+")", s.ownedTags(nil))
	if err != nil {
		return err
	}
	if err := s.allow(s.nodeGroup(), group, 30000); err != nil {
		return err
	}
	return createClassic(s.Call, name, classicLoadBalancer{VPC: s.VPC, Subnets: s.publicSubnets(), Groups: []string{group}}, tags)
}

// newNetwork is a Service with the annotation aws-load-balancer-type: nlb. It has no security group of its own.
func newNetwork(s *site, suffix string) error {
	tags := s.ownedTags(map[string]string{"kubernetes.io/service-name": "default/tcp-" + suffix})
	return s.newLoadBalancer("b"+strings.Repeat("0", 25)+suffix, types.LoadBalancerTypeEnumNetwork, nil, tags)
}

// newApplication is an Ingress: a load balancer `k8s-<namespace>-<name>-<hash>` with a frontend group of its own and the
// backend group that all of the cluster share, which the group of the nodes admits.
// https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/security_groups/
func newApplication(s *site, suffix string) error {
	tags := map[string]string{"elbv2.k8s.aws/cluster": s.Cluster, "ingress.k8s.aws/stack": "default/shop-" + suffix, "ingress.k8s.aws/resource": "LoadBalancer"}
	front, err := s.newSecurityGroup("k8s-default-shop-"+suffix, "[k8s] Managed SecurityGroup for LoadBalancer", tags)
	if err != nil {
		return err
	}
	back, err := s.newSecurityGroup("k8s-traffic-"+s.Cluster+"-"+suffix, "[k8s] Shared Backend SecurityGroup for LoadBalancer",
		map[string]string{"elbv2.k8s.aws/cluster": s.Cluster, "elbv2.k8s.aws/resource": "backend-sg"})
	if err != nil {
		return err
	}
	if err := s.allow(s.nodeGroup(), back, 8080); err != nil {
		return err
	}
	if err := s.allow(back, front, 8080); err != nil {
		return err
	}
	return s.newLoadBalancer("k8s-default-shop-"+suffix, types.LoadBalancerTypeEnumApplication, []string{front, back}, tags)
}

// newTargetGroup is what stays when a controller is stopped between its load balancer and its target group.
func newTargetGroup(s *site, suffix string) error {
	s.newTargetGroup("k8s-default-lone-"+suffix, types.ProtocolEnumTcp, map[string]string{"elbv2.k8s.aws/cluster": s.Cluster, "service.k8s.aws/stack": "default/lone-" + suffix})
	return nil
}

// newLoadBalancer creates a load balancer with a listener and a target group.
func (s *site) newLoadBalancer(name string, sort types.LoadBalancerTypeEnum, groups []string, tags map[string]string) error {
	b := loadBalancer{Name: name, VPC: s.VPC, Type: sort, Scheme: types.LoadBalancerSchemeEnumInternetFacing, Groups: groups, Attributes: map[string]string{}}
	path, protocol := "net/", types.ProtocolEnumTcp
	if sort == types.LoadBalancerTypeEnumApplication {
		path, protocol = "app/", types.ProtocolEnumHttp
	}
	for _, id := range s.publicSubnets() {
		subnet, _ := subnets.Find(s.Call, id)
		b.Subnets = append(b.Subnets, loadBalancerSubnet{Subnet: id, Zone: subnet.Data.Zone.Name})
	}
	r := loadBalancers.Create(s.Call, elbARN(s.Call, "loadbalancer/"+path+name+"/"+s.NextSerial("lb", 16)), b, tags)
	if err := createInterfaces(s.Call, r); err != nil {
		return err
	}
	loadBalancers.Put(s.Call, r)
	group := s.newTargetGroup(name, protocol, tags)
	arn := strings.Replace(r.ID, ":loadbalancer/", ":listener/", 1) + "/" + s.NextSerial("listener", 16)
	listeners.Create(s.Call, arn, listener{LoadBalancer: r.ID, TargetGroup: group, Protocol: protocol, Port: 80}, tags)
	return nil
}

func (s *site) newTargetGroup(name string, protocol types.ProtocolEnum, tags map[string]string) string {
	return targetGroups.Create(s.Call, elbARN(s.Call, "targetgroup/"+name+"/"+s.NextSerial("tg", 16)), targetGroup{
		Name: name, VPC: s.VPC, Protocol: protocol, Port: 8080, Type: types.TargetTypeEnumIp, Attributes: map[string]string{},
		CheckProtocol: types.ProtocolEnumTcp, CheckPort: "traffic-port", Interval: 30, Timeout: 10, HealthyAfter: 5, UnhealthyAfter: 2,
	}, tags).ID
}
