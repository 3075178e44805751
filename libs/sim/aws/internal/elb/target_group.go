package elb

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
	"github.com/skep-dev/skep/libs/sim/aws/internal/vpc"
)

// TargetGroup holds the targets of listeners, and how their health is checked.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-target-groups.html
type TargetGroup struct {
	Name, VPC                                       string
	Protocol                                        types.ProtocolEnum
	Port                                            int32
	Type                                            types.TargetTypeEnum
	CheckProtocol                                   types.ProtocolEnum
	CheckPath, CheckPort, Matcher                   string
	Interval, Timeout, HealthyAfter, UnhealthyAfter int32
	Attributes                                      map[string]string
}

// Owner implements engine.Attributes.
func (g TargetGroup) Owner() string { return g.VPC }

// DisplayName implements engine.Named.
func (g TargetGroup) DisplayName() string { return g.Name }

// Summary implements engine.Attributes.
func (g TargetGroup) Summary(name func(id string) string) string {
	return fmt.Sprintf("%s %d of %s targets in %s, checked by %s %s", g.Protocol, g.Port, g.Type, name(g.VPC), g.CheckProtocol, g.CheckPath)
}

// TargetGroups is the resource type with the attributes TargetGroup.
var TargetGroups = engine.NewType[TargetGroup](engine.Type{Service: serviceID, Name: "TargetGroup", Noun: "target group", NotFound: "TargetGroupNotFound"})

func handleTargetGroup(s *engine.Service) {
	check := engine.Fields{
		"HealthCheckEnabled", "HealthCheckIntervalSeconds", "HealthCheckPath", "HealthCheckPort", "HealthCheckProtocol", "HealthCheckTimeoutSeconds",
		"HealthyThresholdCount", "Matcher", "UnhealthyThresholdCount",
	}
	engine.Handle(s, "CreateTargetGroup", append(engine.Fields{"IpAddressType", "Name", "Port", "Protocol", "Tags", "TargetType", "VpcId"}, check...), createTargetGroup)
	engine.Handle(s, "ModifyTargetGroup", append(engine.Fields{"TargetGroupArn"}, check...), modifyTargetGroup)
	engine.Handle(s, "DeleteTargetGroup", engine.Fields{"TargetGroupArn"}, deleteTargetGroup)
	engine.Handle(s, "DescribeTargetGroups", engine.Fields{"LoadBalancerArn", "Marker", "Names", "PageSize", "TargetGroupArns"}, describeTargetGroups)
}

// createTargetGroup returns the existing target group if it has the same name and settings.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
func createTargetGroup(c *engine.Call, in *elb.CreateTargetGroupInput) (*elb.CreateTargetGroupOutput, error) {
	g := TargetGroup{
		Name: aws.ToString(in.Name), VPC: aws.ToString(in.VpcId), Protocol: in.Protocol, Port: aws.ToInt32(in.Port),
		Type: cmp.Or(in.TargetType, types.TargetTypeEnumInstance), Attributes: map[string]string{},
		CheckProtocol: types.ProtocolEnumTcp, CheckPort: "traffic-port", Interval: 30, Timeout: 10, HealthyAfter: 5, UnhealthyAfter: 2,
	}
	if in.IpAddressType != "" && in.IpAddressType != types.TargetGroupIpAddressTypeEnumIpv4 {
		c.Unsimulated("IpAddressType", in.IpAddressType)
	}
	switch g.Protocol {
	case types.ProtocolEnumTcp, types.ProtocolEnumTls, types.ProtocolEnumUdp, types.ProtocolEnumTcpUdp:
	default:
		c.Unsimulated("Protocol", g.Protocol)
	}
	if g.Type != types.TargetTypeEnumInstance && g.Type != types.TargetTypeEnumIp {
		c.Unsimulated("TargetType", g.Type)
	}
	if err := checkName("Target group", g.Name); err != nil {
		return nil, err
	}
	switch {
	case g.Port < 1 || g.Port > 65535:
		return nil, engine.Refuse("ValidationError", "Port '%d' is not between 1 and 65535", g.Port)
	case !vpc.VPCs.Exists(c, g.VPC):
		return nil, engine.Refuse("ValidationError", "The VPC ID '%s' is not found", g.VPC)
	}
	if err := g.check(new(engine.Convert[elb.ModifyTargetGroupInput](in))); err != nil {
		return nil, err
	}
	for _, r := range TargetGroups.List(c) {
		if r.Data.Name != g.Name {
			continue
		}
		g.Attributes = r.Data.Attributes
		if fmt.Sprint(r.Data) != fmt.Sprint(g) {
			return nil, engine.Refuse("DuplicateTargetGroupName", "A target group with the same name '%s' exists, but with different settings", g.Name)
		}
		return &elb.CreateTargetGroupOutput{TargetGroups: []types.TargetGroup{showTargetGroup(c, r)}}, nil
	}
	tags, err := readTags(c, in.Tags)
	if err != nil {
		return nil, err
	}
	if err := c.CheckQuota("TargetGroupsPerRegion", len(TargetGroups.List(c)), "TooManyTargetGroups", "The maximum number of target groups has been reached"); err != nil {
		return nil, err
	}
	r := TargetGroups.Create(c, ARN(c, "targetgroup/"+g.Name+"/"+c.NextSerial("tg", 16)), g, tags)
	return &elb.CreateTargetGroupOutput{TargetGroups: []types.TargetGroup{showTargetGroup(c, r)}}, nil
}

// check checks and sets the health check of a request.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-health-checks.html
func (g *TargetGroup) check(in *elb.ModifyTargetGroupInput) error {
	if in.HealthCheckEnabled != nil && !*in.HealthCheckEnabled {
		return engine.Refuse("ValidationError", "Health checks must be enabled for target groups with target type '%s'", g.Type)
	}
	g.CheckProtocol = cmp.Or(in.HealthCheckProtocol, g.CheckProtocol)
	web := g.CheckProtocol == types.ProtocolEnumHttp || g.CheckProtocol == types.ProtocolEnumHttps
	switch {
	case web && g.CheckPath == "":
		g.CheckPath, g.Matcher = "/", "200-399"
	case !web && g.CheckProtocol != types.ProtocolEnumTcp:
		return engine.Refuse("ValidationError", "Health check protocol must be HTTP, HTTPS or TCP")
	case !web && in.HealthCheckPath != nil:
		return engine.Refuse("ValidationError", "Health check path cannot be set for health check protocol TCP")
	}
	for to, from := range map[*string]*string{&g.CheckPath: in.HealthCheckPath, &g.CheckPort: in.HealthCheckPort} {
		if from != nil {
			*to = *from
		}
	}
	if in.Matcher != nil && in.Matcher.HttpCode != nil {
		g.Matcher = *in.Matcher.HttpCode
	}
	for _, number := range []struct {
		name     string
		to       *int32
		from     *int32
		low, top int32
	}{
		{"interval", &g.Interval, in.HealthCheckIntervalSeconds, 5, 300},
		{"timeout", &g.Timeout, in.HealthCheckTimeoutSeconds, 2, 120},
		{"healthy threshold count", &g.HealthyAfter, in.HealthyThresholdCount, 2, 10},
		{"unhealthy threshold count", &g.UnhealthyAfter, in.UnhealthyThresholdCount, 2, 10},
	} {
		if number.from == nil {
			continue
		}
		if *number.from < number.low || *number.from > number.top {
			return engine.Refuse("ValidationError", "Health check %s '%d' is not between %d and %d", number.name, *number.from, number.low, number.top)
		}
		*number.to = *number.from
	}
	return nil
}

func modifyTargetGroup(c *engine.Call, in *elb.ModifyTargetGroupInput) (*elb.ModifyTargetGroupOutput, error) {
	r, err := TargetGroups.Get(c, in.TargetGroupArn)
	if err != nil {
		return nil, err
	}
	g := r.Data
	if err := g.check(in); err != nil {
		return nil, err
	}
	r.Data = g
	TargetGroups.Put(c, r)
	return &elb.ModifyTargetGroupOutput{TargetGroups: []types.TargetGroup{showTargetGroup(c, r)}}, nil
}

// deleteTargetGroup refuses while a listener uses the group. It succeeds if the group does not exist.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteTargetGroup.html
func deleteTargetGroup(c *engine.Call, in *elb.DeleteTargetGroupInput) (*elb.DeleteTargetGroupOutput, error) {
	out := &elb.DeleteTargetGroupOutput{}
	r, ok := TargetGroups.Find(c, aws.ToString(in.TargetGroupArn))
	switch {
	case !ok:
		return out, checkARN(c, in.TargetGroupArn, "targetgroup/")
	case len(loadBalancersUsing(c, r.ID)) > 0:
		return nil, engine.Refuse("ResourceInUse", "Target group '%s' is currently in use by a listener or a rule", r.ID)
	}
	for _, t := range Targets.OwnedBy(c, r.ID) {
		Targets.Delete(c, t)
	}
	TargetGroups.Delete(c, r)
	return out, nil
}

// loadBalancersUsing returns the load balancers whose listeners use a target group.
func loadBalancersUsing(c *engine.Call, arn string) (balancers []string) {
	for _, l := range Listeners.List(c) {
		if l.Data.TargetGroup == arn && !slices.Contains(balancers, l.Data.LoadBalancer) {
			balancers = append(balancers, l.Data.LoadBalancer)
		}
	}
	return balancers
}

func describeTargetGroups(c *engine.Call, in *elb.DescribeTargetGroupsInput) (*elb.DescribeTargetGroupsOutput, error) {
	resources := TargetGroups.List(c)
	wanted := len(in.TargetGroupArns) + len(in.Names)
	switch {
	case in.LoadBalancerArn != nil:
		if _, err := LoadBalancers.Get(c, in.LoadBalancerArn); err != nil {
			return nil, err
		}
		resources = slices.DeleteFunc(resources, func(r *engine.Resource[TargetGroup]) bool {
			return !slices.Contains(loadBalancersUsing(c, r.ID), *in.LoadBalancerArn)
		})
	case wanted > 0:
		resources = slices.DeleteFunc(resources, func(r *engine.Resource[TargetGroup]) bool {
			return !slices.Contains(in.TargetGroupArns, r.ID) && !slices.Contains(in.Names, r.Data.Name)
		})
		if len(resources) < wanted {
			return nil, engine.Refuse("TargetGroupNotFound", "One or more target groups not found")
		}
	}
	resources, next, err := engine.Page(resources, in.PageSize, 400, in.Marker)
	if err != nil {
		return nil, err
	}
	out := &elb.DescribeTargetGroupsOutput{NextMarker: next}
	for _, r := range resources {
		out.TargetGroups = append(out.TargetGroups, showTargetGroup(c, r))
	}
	return out, nil
}

func showTargetGroup(c *engine.Call, r *engine.Resource[TargetGroup]) types.TargetGroup {
	g := r.Data
	shown := types.TargetGroup{
		TargetGroupArn: aws.String(r.ID), TargetGroupName: aws.String(g.Name), VpcId: aws.String(g.VPC), Protocol: g.Protocol,
		Port: aws.Int32(g.Port), TargetType: g.Type, IpAddressType: types.TargetGroupIpAddressTypeEnumIpv4, LoadBalancerArns: loadBalancersUsing(c, r.ID),
		HealthCheckEnabled: aws.Bool(true), HealthCheckProtocol: g.CheckProtocol, HealthCheckPath: engine.Optional(g.CheckPath),
		HealthCheckPort: aws.String(g.CheckPort), HealthCheckIntervalSeconds: aws.Int32(g.Interval),
		HealthCheckTimeoutSeconds: aws.Int32(g.Timeout), HealthyThresholdCount: aws.Int32(g.HealthyAfter),
		UnhealthyThresholdCount: aws.Int32(g.UnhealthyAfter),
	}
	if g.Matcher != "" {
		shown.Matcher = &types.Matcher{HttpCode: aws.String(g.Matcher)}
	}
	return shown
}
