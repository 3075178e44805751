package critical

// latencies are the calls and the states of which each kind of thing is the sum.
var latencies = map[string][]string{
	"vpc":                         {"CreateVpc"},
	"vpc-attribute":               {"ModifyVpcAttribute"},
	"default-security-group":      {"DescribeSecurityGroups", "RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress"},
	"internet-gateway":            {"CreateInternetGateway"},
	"internet-gateway-attachment": {"AttachInternetGateway"},
	"route-table":                 {"CreateRouteTable"},
	"route-table-association":     {"AssociateRouteTable"},
	"route":                       {"CreateRoute"},
	"subnet":                      {"CreateSubnet"},
	"address":                     {"AllocateAddress"},
	"nat-gateway":                 {"CreateNatGateway", "NatGateway/available"},
	"vpc-endpoint":                {"CreateVpcEndpoint"},
	"security-group":              {"CreateSecurityGroup"},
	"security-group-rules":        {"AuthorizeSecurityGroupIngress"},
	"role":                        {"CreateRole"},
	"role-policy":                 {"PutRolePolicy"},
	"instance-profile":            {"CreateInstanceProfile"},
	"instance-profile-role":       {"AddRoleToInstanceProfile"},
	"load-balancer":               {"CreateLoadBalancer"},
	"load-balancer-activation":    {"LoadBalancer/available"},
	"target-group":                {"CreateTargetGroup"},
	"target-group-attributes":     {"ModifyTargetGroupAttributes"},
	"listener":                    {"CreateListener"},
	"hosted-zone":                 {"CreateHostedZone"},
	"hosted-zone-tags":            {"ChangeTagsForResource"},
	"delegation":                  {"ChangeResourceRecordSets"},
	"record":                      {"ChangeResourceRecordSets"},
	"network-interface":           {"CreateNetworkInterface"},
	"etcd-volume":                 {"CreateVolume", "Volume/available"},
	"instance":                    {"RunInstances", "Instance/running"},
	"volume-attachment":           {"AttachVolume", "Volume/attached"},
	"target":                      {"RegisterTargets"},
	"launch-template":             {"CreateLaunchTemplate"},
	"auto-scaling-group":          {"CreateAutoScalingGroup", "Instance/running", "Instance/booted"},
	"target-group-attachment":     {"AttachLoadBalancerTargetGroups"},
}

// across are what a kind of thing waits for of other parts: AWS will not make it
// before that is there.
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
