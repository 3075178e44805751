package aws

import (
	"cmp"
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// target is an instance or an address that is registered with a target group. Deregistered it drains for a while.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-register-targets.html
type target struct {
	TargetGroup string // ARN
	ID          string // of the instance, or an address
	Port        int32
	Group       string // the Auto Scaling group that registered it
}

func (t target) owner() string                           { return t.TargetGroup }
func (t target) name() string                            { return strconv.Itoa(int(t.Port)) }
func (t target) text(name func(id string) string) string { return "of " + name(t.TargetGroup) }

var targets = register(kind[target]{service: elbv2, name: "Target"})

func init() {
	handle(elbv2, "RegisterTargets", fields{"TargetGroupArn", "Targets"}, registerTargets)
	handle(elbv2, "DeregisterTargets", fields{"TargetGroupArn", "Targets"}, deregisterTargets)
	handle(elbv2, "DescribeTargetHealth", fields{"TargetGroupArn", "Targets"}, describeTargetHealth)
}

func targetID(arn, id string, port int32) string { return fmt.Sprintf("%s %s:%d", arn, id, port) }

// registerTargets refuses what is not in the VPC, and instances that do not run.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RegisterTargets.html
func registerTargets(c *call, in *elb.RegisterTargetsInput) (*elb.RegisterTargetsOutput, error) {
	r, err := targetGroups.get(c, in.TargetGroupArn)
	if err != nil {
		return nil, err
	}
	var wanted []target
	for _, d := range in.Targets {
		guard(c.Operation, d, "Id", "Port", "AvailabilityZone")
		t := target{TargetGroup: r.ID, ID: aws.ToString(d.Id), Port: r.Data.Port}
		if d.Port != nil {
			t.Port = *d.Port
		}
		if r.Data.Type == types.TargetTypeEnumIp {
			if _, err := netip.ParseAddr(t.ID); err != nil {
				return nil, refuse("ValidationError", "The IP address '%s' is not a valid IPv4 address", t.ID)
			}
		} else if i, ok := instances.in(c.w, instances.scope(c)).byID[t.ID]; !ok || i.gone(c.now()) {
			return nil, refuse("InvalidTarget", "Instance ID '%s' is not valid", t.ID)
		} else if !i.ready(c.now()) || i.deleting() {
			return nil, refuse("InvalidTarget", "The following targets are not in a running state and cannot be registered: '%s'", t.ID)
		} else if i.Data.VPC != r.Data.VPC {
			return nil, refuse("InvalidTarget", "The instance '%s' is not in the VPC of the target group", t.ID)
		}
		wanted = append(wanted, t)
	}
	for _, t := range wanted {
		c.enroll(r, t)
	}
	return &elb.RegisterTargetsOutput{}, nil
}

// enroll registers a target, unless it is registered already.
func (c *call) enroll(r *row[targetGroup], t target) {
	id := targetID(r.ID, t.ID, t.Port)
	if old, ok := targets.in(c.w, targets.scope(c)).byID[id]; ok && !old.deleting() {
		return
	}
	targets.create(c, id, t, nil)
}

// deregister lets a target drain.
func (c *call) deregister(t *row[target]) {
	if t.deleting() {
		return
	}
	delay := "300"
	if g, ok := targetGroups.in(c.w, targetGroups.scope(c)).byID[t.Data.TargetGroup]; ok {
		delay = cmp.Or(g.Data.Attributes["deregistration_delay.timeout_seconds"], delay)
	}
	seconds, _ := strconv.Atoi(delay) // what is no number drains at once
	t.DeletedAt = c.now().Add(c.w.span(time.Duration(seconds) * time.Second))
	t.GoneAt = t.DeletedAt
	targets.put(c, t)
}

func deregisterTargets(c *call, in *elb.DeregisterTargetsInput) (*elb.DeregisterTargetsOutput, error) {
	r, err := targetGroups.get(c, in.TargetGroupArn)
	if err != nil {
		return nil, err
	}
	var doomed []*row[target]
	for _, d := range in.Targets {
		rows := c.registered(r, d)
		if len(rows) == 0 {
			return nil, refuse("InvalidTarget", "The following targets are not registered: '%s'", aws.ToString(d.Id))
		}
		doomed = append(doomed, rows...)
	}
	for _, t := range doomed {
		c.deregister(t)
	}
	return &elb.DeregisterTargetsOutput{}, nil
}

// registered are the targets of a group that a description means: all ports when it names none.
func (c *call) registered(r *row[targetGroup], d types.TargetDescription) (rows []*row[target]) {
	for _, t := range targets.of(c, r.ID) {
		if t.Data.ID == aws.ToString(d.Id) && (d.Port == nil || *d.Port == t.Data.Port) {
			rows = append(rows, t)
		}
	}
	return rows
}

// describeTargetHealth also tells of the targets that are asked for and not registered.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html
func describeTargetHealth(c *call, in *elb.DescribeTargetHealthInput) (*elb.DescribeTargetHealthOutput, error) {
	r, err := targetGroups.get(c, in.TargetGroupArn)
	if err != nil {
		return nil, err
	}
	out := &elb.DescribeTargetHealthOutput{}
	rows := targets.of(c, r.ID)
	if len(in.Targets) > 0 {
		rows = nil
	}
	for _, d := range in.Targets {
		found := c.registered(r, d)
		if rows = append(rows, found...); len(found) == 0 {
			out.TargetHealthDescriptions = append(out.TargetHealthDescriptions, types.TargetHealthDescription{
				Target: &d, TargetHealth: &types.TargetHealth{State: types.TargetHealthStateEnumUnused, Reason: types.TargetHealthReasonEnumNotRegistered},
			})
		}
	}
	for _, t := range rows {
		out.TargetHealthDescriptions = append(out.TargetHealthDescriptions, types.TargetHealthDescription{
			Target:          &types.TargetDescription{Id: aws.String(t.Data.ID), Port: aws.Int32(t.Data.Port)},
			HealthCheckPort: aws.String(strconv.Itoa(int(t.Data.Port))), TargetHealth: c.health(r, t),
		})
	}
	return out, nil
}

// health is what a load balancer finds out about a target: initial until its instance has booted and then for as many
// checks as it takes.
func (c *call) health(g *row[targetGroup], t *row[target]) *types.TargetHealth {
	i := c.behind(t)
	switch {
	case t.deleting():
		return &types.TargetHealth{State: types.TargetHealthStateEnumDraining, Reason: types.TargetHealthReasonEnumDeregistrationInProgress}
	case len(c.users(g.ID)) == 0:
		return &types.TargetHealth{State: types.TargetHealthStateEnumUnused, Reason: types.TargetHealthReasonEnumNotInUse}
	case i == nil && g.Data.Type == types.TargetTypeEnumIp:
		return &types.TargetHealth{State: types.TargetHealthStateEnumUnhealthy, Reason: types.TargetHealthReasonEnumTimeout}
	case i == nil || i.deleting():
		return &types.TargetHealth{State: types.TargetHealthStateEnumUnused, Reason: types.TargetHealthReasonEnumInvalidState}
	}
	since := i.Data.BootedAt
	if t.CreatedAt.After(since) {
		since = t.CreatedAt
	}
	checks := time.Duration(g.Data.Interval) * time.Second
	switch {
	case !c.now().Before(since.Add(c.w.span(checks))):
		return &types.TargetHealth{State: types.TargetHealthStateEnumHealthy}
	case booted(c, i):
		return &types.TargetHealth{State: types.TargetHealthStateEnumInitial, Reason: types.TargetHealthReasonEnumInitialHealthChecking}
	}
	return &types.TargetHealth{State: types.TargetHealthStateEnumInitial, Reason: types.TargetHealthReasonEnumRegistrationInProgress}
}

// behind is the instance that a target is, or whose address it is.
func (c *call) behind(t *row[target]) *row[instance] {
	table := instances.in(c.w, instances.scope(c))
	if i, ok := table.byID[t.Data.ID]; ok && !i.gone(c.now()) {
		return i
	}
	g := targetGroups.in(c.w, targetGroups.scope(c)).byID[t.Data.TargetGroup]
	for _, eni := range networkInterfaces.list(c) {
		if g != nil && eni.Data.VPC == g.Data.VPC && eni.Data.PrivateIP == t.Data.ID && !eni.deleted(c.now()) {
			return table.byID[eni.Data.AttachedTo]
		}
	}
	return nil
}
