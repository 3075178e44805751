package aws

import (
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// Network interfaces that outlive the node they served, and the endpoints that AWS itself puts into a VPC.
var interfaceFixtures = []Fixture{
	{Name: "network interface of the Amazon VPC CNI", create: newPodInterface},
	{Name: "network interface of Cilium", create: newCiliumInterface},
	{Name: "endpoint of Amazon GuardDuty", create: newGuardDuty},
}

// newPodInterface is left when a node ends between the detach and the delete of an interface.
// https://github.com/aws/amazon-vpc-cni-k8s#cni-configuration-variables
func newPodInterface(s *site, suffix string) error {
	_, err := place(s.Call, &s.privateSubnets()[0], nil, networkInterface{
		Description: "aws-K8S-i-0" + suffix + "0000000000", Type: types.NetworkInterfaceTypeInterface, Groups: []string{s.nodeGroup()},
	}, map[string]string{"node.k8s.amazonaws.com/instance_id": "i-0" + suffix + "0000000000", "cluster.k8s.amazonaws.com/name": s.Cluster})
	return err
}

// newCiliumInterface is the same in Cilium's ENI mode.
// https://docs.cilium.io/en/stable/network/concepts/ipam/eni/
func newCiliumInterface(s *site, suffix string) error {
	_, err := place(s.Call, &s.privateSubnets()[0], nil, networkInterface{
		Description: "Cilium-CNI (i-0" + suffix + "0000000000)", Type: types.NetworkInterfaceTypeInterface, Groups: []string{s.nodeGroup()},
	}, s.ownedTags(map[string]string{"io.cilium/cilium-managed": "true", "io.cilium/cluster-name": s.Cluster}))
	return err
}

// newGuardDuty is what Runtime Monitoring, often turned on by an organization for all of its accounts, makes in every VPC
// that has instances. A VPC has one such endpoint.
// https://docs.aws.amazon.com/guardduty/latest/ug/runtime-monitoring-automated-configuration.html
func newGuardDuty(s *site, suffix string) error {
	s.Principal = engine.ByAWS
	tags := map[string]string{"GuardDutyManaged": "true"}
	group, err := s.newSecurityGroup("GuardDutyManagedSecurityGroup-"+s.VPC+"-"+suffix, "Associated with VPC-"+s.VPC+" and tagged as GuardDutyManaged", tags)
	if err != nil {
		return err
	}
	return s.newEndpoint("com.amazonaws."+s.Region+".guardduty-data", []string{group}, tags)
}

// newEndpoint creates an interface endpoint with an interface in every private subnet.
func (s *site) newEndpoint(service string, groups []string, tags map[string]string) error {
	r := vpcEndpoints.Create(s.Call, "", vpcEndpoint{VPC: s.VPC, Service: service, Subnets: s.privateSubnets(), Groups: groups}, tags)
	for _, id := range r.Data.Subnets {
		eni, err := place(s.Call, &id, nil, networkInterface{
			Description: "VPC Endpoint Interface " + r.ID, Type: types.NetworkInterfaceTypeVpcEndpoint, Groups: groups, RequesterManaged: true, AttachedTo: r.ID,
		}, map[string]string{})
		if err != nil {
			return err
		}
		r.Data.Interfaces = append(r.Data.Interfaces, eni.ID)
	}
	vpcEndpoints.Put(s.Call, r)
	return nil
}
