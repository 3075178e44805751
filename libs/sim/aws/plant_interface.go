package aws

import (
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Network interfaces that outlive the node they served, and the endpoints that AWS itself puts into a VPC.
var plantedInterfaces = []Plant{
	{Name: "network interface of the Amazon VPC CNI", put: plantPodInterface},
	{Name: "network interface of Cilium", put: plantCiliumInterface},
	{Name: "endpoint of Amazon GuardDuty", put: plantGuardDuty},
}

// plantPodInterface is left when a node ends between the detach and the delete of an interface.
// https://github.com/aws/amazon-vpc-cni-k8s#cni-configuration-variables
func plantPodInterface(g *garden, n string) error {
	_, err := place(g.call, &g.private()[0], nil, networkInterface{
		Description: "aws-K8S-i-0" + n + "0000000000", Type: types.NetworkInterfaceTypeInterface, Groups: []string{g.nodes()},
	}, map[string]string{"node.k8s.amazonaws.com/instance_id": "i-0" + n + "0000000000", "cluster.k8s.amazonaws.com/name": g.Cluster})
	return err
}

// plantCiliumInterface is the same in Cilium's ENI mode.
// https://docs.cilium.io/en/stable/network/concepts/ipam/eni/
func plantCiliumInterface(g *garden, n string) error {
	_, err := place(g.call, &g.private()[0], nil, networkInterface{
		Description: "Cilium-CNI (i-0" + n + "0000000000)", Type: types.NetworkInterfaceTypeInterface, Groups: []string{g.nodes()},
	}, g.owned(map[string]string{"io.cilium/cilium-managed": "true", "io.cilium/cluster-name": g.Cluster}))
	return err
}

// plantGuardDuty is what Runtime Monitoring, often turned on by an organization for all of its accounts, makes in every VPC
// that has instances. A VPC has one such endpoint.
// https://docs.aws.amazon.com/guardduty/latest/ug/runtime-monitoring-automated-configuration.html
func plantGuardDuty(g *garden, n string) error {
	g.Principal = byAWS
	tags := map[string]string{"GuardDutyManaged": "true"}
	group, err := g.group("GuardDutyManagedSecurityGroup-"+g.VPC+"-"+n, "Associated with VPC-"+g.VPC+" and tagged as GuardDutyManaged", tags)
	if err != nil {
		return err
	}
	return g.endpoint("com.amazonaws."+g.Region+".guardduty-data", []string{group}, tags)
}

// endpoint makes an interface endpoint with an interface in every private subnet.
func (g *garden) endpoint(service string, groups []string, tags map[string]string) error {
	r := vpcEndpoints.create(g.call, "", vpcEndpoint{VPC: g.VPC, Service: service, Subnets: g.private(), Groups: groups}, tags)
	for _, id := range r.Data.Subnets {
		eni, err := place(g.call, &id, nil, networkInterface{
			Description: "VPC Endpoint Interface " + r.ID, Type: types.NetworkInterfaceTypeVpcEndpoint, Groups: groups, RequesterManaged: true, AttachedTo: r.ID,
		}, map[string]string{})
		if err != nil {
			return err
		}
		r.Data.Interfaces = append(r.Data.Interfaces, eni.ID)
	}
	vpcEndpoints.put(g.call, r)
	return nil
}
