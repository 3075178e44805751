package elb

import (
	"cmp"
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
	"github.com/skep-dev/skep/libs/sim/aws/internal/instance"
	"github.com/skep-dev/skep/libs/sim/aws/internal/vpc"
)

// Target is an instance or an address that is registered with a target group. After it is deregistered it drains for a
// while.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-register-targets.html
type Target struct {
	TargetGroup string // ARN
	ID          string // of the instance, or an address
	Port        int32
	Group       string // the Auto Scaling group that registered it
}

// Owner implements engine.Attributes.
func (t Target) Owner() string { return t.TargetGroup }

// DisplayName implements engine.Named.
func (t Target) DisplayName() string { return strconv.Itoa(int(t.Port)) }

// Summary implements engine.Attributes.
func (t Target) Summary(name func(id string) string) string { return "of " + name(t.TargetGroup) }

// Targets is the resource type with the attributes Target.
var Targets = engine.NewType[Target](engine.Type{Service: serviceID, Name: "Target"})

func handleTarget(s *engine.Service) {
	engine.Handle(s, "RegisterTargets", engine.Fields{"TargetGroupArn", "Targets"}, registerTargets)
	engine.Handle(s, "DeregisterTargets", engine.Fields{"TargetGroupArn", "Targets"}, deregisterTargets)
	engine.Handle(s, "DescribeTargetHealth", engine.Fields{"TargetGroupArn", "Targets"}, describeTargetHealth)
}

func targetID(arn, id string, port int32) string { return fmt.Sprintf("%s %s:%d", arn, id, port) }

// registerTargets refuses instances that do not run or are in another VPC.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RegisterTargets.html
func registerTargets(c *engine.Call, in *elb.RegisterTargetsInput) (*elb.RegisterTargetsOutput, error) {
	r, err := TargetGroups.Get(c, in.TargetGroupArn)
	if err != nil {
		return nil, err
	}
	var wanted []Target
	for _, d := range in.Targets {
		engine.Guard(c.Operation, d, "Id", "Port", "AvailabilityZone")
		t := Target{TargetGroup: r.ID, ID: aws.ToString(d.Id), Port: r.Data.Port}
		if d.Port != nil {
			t.Port = *d.Port
		}
		if r.Data.Type == types.TargetTypeEnumIp {
			if _, err := netip.ParseAddr(t.ID); err != nil {
				return nil, engine.Refuse("ValidationError", "The IP address '%s' is not a valid IPv4 address", t.ID)
			}
		} else if i, ok := instance.Instances.Find(c, t.ID); !ok || i.Gone(c.Now()) {
			return nil, engine.Refuse("InvalidTarget", "Instance ID '%s' is not valid", t.ID)
		} else if !i.Ready(c.Now()) || i.Deleting() {
			return nil, engine.Refuse("InvalidTarget", "The following targets are not in a running state and cannot be registered: '%s'", t.ID)
		} else if i.Data.VPC != r.Data.VPC {
			return nil, engine.Refuse("InvalidTarget", "The instance '%s' is not in the VPC of the target group", t.ID)
		}
		wanted = append(wanted, t)
	}
	for _, t := range wanted {
		RegisterTarget(c, r, t)
	}
	return &elb.RegisterTargetsOutput{}, nil
}

// RegisterTarget registers a target. It does nothing if the target is registered already.
func RegisterTarget(c *engine.Call, r *engine.Resource[TargetGroup], t Target) {
	id := targetID(r.ID, t.ID, t.Port)
	if old, ok := Targets.Find(c, id); ok && !old.Deleting() {
		return
	}
	Targets.Create(c, id, t, nil)
}

// DeregisterTarget makes a target drain.
func DeregisterTarget(c *engine.Call, t *engine.Resource[Target]) {
	if t.Deleting() {
		return
	}
	delay := "300"
	if g, ok := TargetGroups.Find(c, t.Data.TargetGroup); ok {
		delay = cmp.Or(g.Data.Attributes["deregistration_delay.timeout_seconds"], delay)
	}
	seconds, _ := strconv.Atoi(delay) // text that is no number means no delay
	t.DeletedAt = c.Now().Add(c.Scaled(time.Duration(seconds) * time.Second))
	t.GoneAt = t.DeletedAt
	Targets.Put(c, t)
}

// deregisterInstance deregisters the targets that an Auto Scaling group registered for an instance.
func deregisterInstance(c *engine.Call, id string) {
	for _, t := range Targets.List(c) {
		if t.Data.Group != "" && t.Data.ID == id {
			DeregisterTarget(c, t)
		}
	}
}

func deregisterTargets(c *engine.Call, in *elb.DeregisterTargetsInput) (*elb.DeregisterTargetsOutput, error) {
	r, err := TargetGroups.Get(c, in.TargetGroupArn)
	if err != nil {
		return nil, err
	}
	var deregistered []*engine.Resource[Target]
	for _, d := range in.Targets {
		resources := findTargets(c, r, d)
		if len(resources) == 0 {
			return nil, engine.Refuse("InvalidTarget", "The following targets are not registered: '%s'", aws.ToString(d.Id))
		}
		deregistered = append(deregistered, resources...)
	}
	for _, t := range deregistered {
		DeregisterTarget(c, t)
	}
	return &elb.DeregisterTargetsOutput{}, nil
}

// findTargets returns the targets of a group that a description selects: all ports if it names none.
func findTargets(c *engine.Call, r *engine.Resource[TargetGroup], d types.TargetDescription) (resources []*engine.Resource[Target]) {
	for _, t := range Targets.OwnedBy(c, r.ID) {
		if t.Data.ID == aws.ToString(d.Id) && (d.Port == nil || *d.Port == t.Data.Port) {
			resources = append(resources, t)
		}
	}
	return resources
}

// describeTargetHealth reports targets that the caller asks for and that are not registered as unused.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html
func describeTargetHealth(c *engine.Call, in *elb.DescribeTargetHealthInput) (*elb.DescribeTargetHealthOutput, error) {
	r, err := TargetGroups.Get(c, in.TargetGroupArn)
	if err != nil {
		return nil, err
	}
	out := &elb.DescribeTargetHealthOutput{}
	resources := Targets.OwnedBy(c, r.ID)
	if len(in.Targets) > 0 {
		resources = nil
	}
	for _, d := range in.Targets {
		found := findTargets(c, r, d)
		if resources = append(resources, found...); len(found) == 0 {
			out.TargetHealthDescriptions = append(out.TargetHealthDescriptions, types.TargetHealthDescription{
				Target: &d, TargetHealth: &types.TargetHealth{State: types.TargetHealthStateEnumUnused, Reason: types.TargetHealthReasonEnumNotRegistered},
			})
		}
	}
	for _, t := range resources {
		out.TargetHealthDescriptions = append(out.TargetHealthDescriptions, types.TargetHealthDescription{
			Target:          &types.TargetDescription{Id: aws.String(t.Data.ID), Port: aws.Int32(t.Data.Port)},
			HealthCheckPort: aws.String(strconv.Itoa(int(t.Data.Port))), TargetHealth: targetHealth(c, r, t),
		})
	}
	return out, nil
}

// targetHealth returns the result of the health checks of a target: initial until its instance has booted and one
// interval has passed, then healthy.
func targetHealth(c *engine.Call, g *engine.Resource[TargetGroup], t *engine.Resource[Target]) *types.TargetHealth {
	i := instanceBehind(c, t)
	switch {
	case t.Deleting():
		return &types.TargetHealth{State: types.TargetHealthStateEnumDraining, Reason: types.TargetHealthReasonEnumDeregistrationInProgress}
	case len(loadBalancersUsing(c, g.ID)) == 0:
		return &types.TargetHealth{State: types.TargetHealthStateEnumUnused, Reason: types.TargetHealthReasonEnumNotInUse}
	case i == nil && g.Data.Type == types.TargetTypeEnumIp:
		return &types.TargetHealth{State: types.TargetHealthStateEnumUnhealthy, Reason: types.TargetHealthReasonEnumTimeout}
	case i == nil || i.Deleting():
		return &types.TargetHealth{State: types.TargetHealthStateEnumUnused, Reason: types.TargetHealthReasonEnumInvalidState}
	}
	since := i.Data.BootedAt
	if t.CreatedAt.After(since) {
		since = t.CreatedAt
	}
	checks := time.Duration(g.Data.Interval) * time.Second
	switch {
	case !c.Now().Before(since.Add(c.Scaled(checks))):
		return &types.TargetHealth{State: types.TargetHealthStateEnumHealthy}
	case instance.HasBooted(c, i):
		return &types.TargetHealth{State: types.TargetHealthStateEnumInitial, Reason: types.TargetHealthReasonEnumInitialHealthChecking}
	}
	return &types.TargetHealth{State: types.TargetHealthStateEnumInitial, Reason: types.TargetHealthReasonEnumRegistrationInProgress}
}

// instanceBehind returns the instance of a target, which names it by id or by address, or nil.
func instanceBehind(c *engine.Call, t *engine.Resource[Target]) *engine.Resource[instance.Instance] {
	if i, ok := instance.Instances.Find(c, t.Data.ID); ok && !i.Gone(c.Now()) {
		return i
	}
	g, _ := TargetGroups.Find(c, t.Data.TargetGroup)
	for _, eni := range vpc.NetworkInterfaces.List(c) {
		if g != nil && eni.Data.VPC == g.Data.VPC && eni.Data.PrivateIP == t.Data.ID && !eni.Deleted(c.Now()) {
			i, _ := instance.Instances.Find(c, eni.Data.AttachedTo)
			return i
		}
	}
	return nil
}
