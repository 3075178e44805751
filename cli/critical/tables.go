package critical

// latencies lists the calls and state changes of each resource type. The sum of their
// latencies is the duration of a create.
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

// across lists the dependencies of each resource type on other components: AWS refuses
// its create before they exist.
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
