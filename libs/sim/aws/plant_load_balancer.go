package aws

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// What controllers make for Services of type LoadBalancer and for Ingresses, with all that hangs on it.
var plantedBalancers = []Plant{
	{Name: "classic load balancer of the cloud controller manager", put: plantClassic},
	{Name: "network load balancer of the cloud controller manager", put: plantNetwork},
	{Name: "application load balancer of the AWS Load Balancer Controller", put: plantApplication},
	{Name: "target group that its load balancer left behind", put: plantTargetGroup},
}

// plantClassic is a Service without annotations: a load balancer named after the uid of the Service, its security group
// `k8s-elb-<name>`, and a rule in the group of the nodes that names it.
// https://github.com/kubernetes/cloud-provider-aws/blob/master/pkg/providers/v1/aws_loadbalancer.go
func plantClassic(g *garden, n string) error {
	name := "a" + strings.Repeat("0", 25) + n
	tags := g.owned(map[string]string{"kubernetes.io/service-name": "default/web-" + n})
	group, err := g.group("k8s-elb-"+name, "Security group for Kubernetes ELB "+name+" (default/web-"+n+")", g.owned(nil))
	if err != nil {
		return err
	}
	if err := g.admit(g.nodes(), group, 30000); err != nil {
		return err
	}
	return createClassic(g.call, name, classicLoadBalancer{VPC: g.VPC, Subnets: g.public(), Groups: []string{group}}, tags)
}

// plantNetwork is a Service with the annotation aws-load-balancer-type: nlb. It has no security group of its own.
func plantNetwork(g *garden, n string) error {
	tags := g.owned(map[string]string{"kubernetes.io/service-name": "default/tcp-" + n})
	return g.balance("b"+strings.Repeat("0", 25)+n, types.LoadBalancerTypeEnumNetwork, nil, tags)
}

// plantApplication is an Ingress: a load balancer `k8s-<namespace>-<name>-<hash>` with a frontend group of its own and the
// backend group that all of the cluster share, which the group of the nodes admits.
// https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/security_groups/
func plantApplication(g *garden, n string) error {
	tags := map[string]string{"elbv2.k8s.aws/cluster": g.Cluster, "ingress.k8s.aws/stack": "default/shop-" + n, "ingress.k8s.aws/resource": "LoadBalancer"}
	front, err := g.group("k8s-default-shop-"+n, "[k8s] Managed SecurityGroup for LoadBalancer", tags)
	if err != nil {
		return err
	}
	back, err := g.group("k8s-traffic-"+g.Cluster+"-"+n, "[k8s] Shared Backend SecurityGroup for LoadBalancer",
		map[string]string{"elbv2.k8s.aws/cluster": g.Cluster, "elbv2.k8s.aws/resource": "backend-sg"})
	if err != nil {
		return err
	}
	if err := g.admit(g.nodes(), back, 8080); err != nil {
		return err
	}
	if err := g.admit(back, front, 8080); err != nil {
		return err
	}
	return g.balance("k8s-default-shop-"+n, types.LoadBalancerTypeEnumApplication, []string{front, back}, tags)
}

// plantTargetGroup is what stays when a controller is stopped between its load balancer and its target group.
func plantTargetGroup(g *garden, n string) error {
	g.targetGroup("k8s-default-lone-"+n, types.ProtocolEnumTcp, map[string]string{"elbv2.k8s.aws/cluster": g.Cluster, "service.k8s.aws/stack": "default/lone-" + n})
	return nil
}

// balance makes a load balancer with a listener and a target group.
func (g *garden) balance(name string, sort types.LoadBalancerTypeEnum, groups []string, tags map[string]string) error {
	b := loadBalancer{Name: name, VPC: g.VPC, Type: sort, Scheme: types.LoadBalancerSchemeEnumInternetFacing, Groups: groups, Attributes: map[string]string{}}
	path, protocol := "net/", types.ProtocolEnumTcp
	if sort == types.LoadBalancerTypeEnumApplication {
		path, protocol = "app/", types.ProtocolEnumHttp
	}
	for _, id := range g.public() {
		s := subnets.in(g.w, subnets.scope(g.call)).byID[id]
		b.Subnets = append(b.Subnets, loadBalancerSubnet{Subnet: id, Zone: s.Data.Zone.Name})
	}
	g.w.seq++
	r := loadBalancers.create(g.call, g.elbARN("loadbalancer/"+path+name+"/"+g.serial("lb", 16)), b, tags)
	if err := g.settleIn(r); err != nil {
		return err
	}
	loadBalancers.put(g.call, r)
	group := g.targetGroup(name, protocol, tags)
	g.w.seq++
	arn := strings.Replace(r.ID, ":loadbalancer/", ":listener/", 1) + "/" + g.serial("listener", 16)
	listeners.create(g.call, arn, listener{LoadBalancer: r.ID, TargetGroup: group, Protocol: protocol, Port: 80}, tags)
	return nil
}

func (g *garden) targetGroup(name string, protocol types.ProtocolEnum, tags map[string]string) string {
	g.w.seq++
	return targetGroups.create(g.call, g.elbARN("targetgroup/"+name+"/"+g.serial("tg", 16)), targetGroup{
		Name: name, VPC: g.VPC, Protocol: protocol, Port: 8080, Type: types.TargetTypeEnumIp, Attributes: map[string]string{},
		CheckProtocol: types.ProtocolEnumTcp, CheckPort: "traffic-port", Interval: 30, Timeout: 10, HealthyAfter: 5, UnhealthyAfter: 2,
	}, tags).ID
}
