package critical

import (
	"fmt"
	"time"

	"github.com/skep-dev/skep/libs/aws/latency"
)

// row lists the steps of a create: calls in sequence, then the states that the resource reaches one after the other.
type row struct {
	calls  []string
	states []latency.Name
}

// rows has a row for every resource type that a plan can contain.
//
// It is written by hand because the calls of a create exist only as code, in Create of the resource, and neither the plan
// nor the ledger records them. The states repeat the latency that the resource declares in ExpectedLatency. The tests of
// this package read the code of all services: they fail for a resource type without a row, for a row without a resource
// type, and for states that differ from ExpectedLatency.
var rows = map[string]row{
	"vpc":                         {calls: []string{"CreateVpc"}},
	"vpc-attribute":               {calls: []string{"ModifyVpcAttribute"}},
	"default-security-group":      {calls: []string{"DescribeSecurityGroups", "RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress"}},
	"internet-gateway":            {calls: []string{"CreateInternetGateway"}},
	"internet-gateway-attachment": {calls: []string{"AttachInternetGateway"}},
	"route-table":                 {calls: []string{"CreateRouteTable"}},
	"route-table-association":     {calls: []string{"AssociateRouteTable"}},
	"route":                       {calls: []string{"CreateRoute"}},
	"subnet":                      {calls: []string{"CreateSubnet"}},
	"address":                     {calls: []string{"AllocateAddress"}},
	"nat-gateway":                 {calls: []string{"CreateNatGateway"}, states: []latency.Name{latency.NATGatewayAvailable}},
	"vpc-endpoint":                {calls: []string{"CreateVpcEndpoint"}},
	"security-group":              {calls: []string{"CreateSecurityGroup"}},
	"security-group-rules":        {calls: []string{"AuthorizeSecurityGroupIngress"}},
	"role":                        {calls: []string{"CreateRole"}},
	"role-policy":                 {calls: []string{"PutRolePolicy"}},
	"instance-profile":            {calls: []string{"CreateInstanceProfile"}},
	"instance-profile-role":       {calls: []string{"AddRoleToInstanceProfile"}},
	"load-balancer":               {calls: []string{"CreateLoadBalancer"}},
	"load-balancer-activation":    {states: []latency.Name{latency.LoadBalancerAvailable}},
	"target-group":                {calls: []string{"CreateTargetGroup"}},
	"target-group-attributes":     {calls: []string{"ModifyTargetGroupAttributes"}},
	"listener":                    {calls: []string{"CreateListener"}},
	"hosted-zone":                 {calls: []string{"CreateHostedZone"}},
	"parent-zone":                 {calls: []string{"ListHostedZonesByName"}},
	"hosted-zone-tags":            {calls: []string{"ChangeTagsForResource"}},
	"delegation":                  {calls: []string{"ChangeResourceRecordSets"}},
	"record":                      {calls: []string{"ChangeResourceRecordSets"}},
	"network-interface":           {calls: []string{"CreateNetworkInterface"}},
	"etcd-volume":                 {calls: []string{"CreateVolume"}, states: []latency.Name{latency.VolumeAvailable}},
	"instance":                    {calls: []string{"RunInstances"}, states: []latency.Name{latency.InstanceRunning}},
	"volume-attachment":           {calls: []string{"AttachVolume"}, states: []latency.Name{latency.VolumeAttached}},
	"target":                      {calls: []string{"RegisterTargets"}},
	"launch-template":             {calls: []string{"CreateLaunchTemplate"}},
	"auto-scaling-group":          {calls: []string{"CreateAutoScalingGroup"}, states: []latency.Name{latency.InstanceRunning, latency.InstanceBooted}},
	"target-group-attachment":     {calls: []string{"AttachLoadBalancerTargetGroups"}},
}

// rowOf returns the row of a resource type. It panics on a type without a row, which would count as zero.
func rowOf(resourceType string) row {
	r, ok := rows[resourceType]
	if !ok {
		panic(fmt.Sprintf("critical: resource type %q has no row", resourceType))
	}
	return r
}

// takes is the time to create one resource.
func (r row) takes() time.Duration {
	var total time.Duration
	for _, call := range r.calls {
		total += latency.Of(latency.Call(call))
	}
	for _, state := range r.states {
		total += latency.Of(state)
	}
	return total
}

// steps are the calls and states as texts.
func (r row) steps() []string {
	steps := append([]string{}, r.calls...)
	for _, state := range r.states {
		steps = append(steps, string(state))
	}
	return steps
}

// across lists, by resource type, the resources of other components that it waits for, because AWS refuses to create it
// before they exist.
var across = map[string][]string{
	"load-balancer":           {"subnet/public", "security-group", "internet-gateway-attachment"},
	"target-group":            {"vpc"},
	"network-interface":       {"subnet/private", "security-group"},
	"instance":                {"subnet/private", "security-group", "instance-profile-role"},
	"target":                  {"target-group"},
	"launch-template":         {"security-group", "instance-profile-role"},
	"auto-scaling-group":      {"subnet/private"},
	"target-group-attachment": {"target-group"},
	"record":                  {"hosted-zone"},
}
