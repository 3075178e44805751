package autoscaling

import (
	"cmp"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/elb"
	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
	"github.com/skep-dev/skep/libs/sim/aws/internal/instance"
)

// chooseTemplate checks and sets the launch template of a group.
func chooseTemplate(c *engine.Call, g *group, in *autoscaling.UpdateAutoScalingGroupInput) error {
	switch {
	case in.LaunchTemplate != nil:
		g.Template, g.Mixed = in.LaunchTemplate, nil
	case in.MixedInstancesPolicy != nil:
		g.Template, g.Mixed = nil, in.MixedInstancesPolicy
	default:
		return nil
	}
	if g.Mixed != nil {
		if g.Mixed.LaunchTemplate == nil || g.Mixed.LaunchTemplate.LaunchTemplateSpecification == nil {
			return engine.ValidationError("A launch template is required in the mixed instances policy")
		}
		engine.Guard(c.Operation, g.Mixed.LaunchTemplate, "LaunchTemplateSpecification", "Overrides")
		for _, o := range g.Mixed.LaunchTemplate.Overrides {
			engine.Guard(c.Operation, o, "InstanceType")
			if _, err := instance.FindType(ec2types.InstanceType(aws.ToString(o.InstanceType))); err != nil {
				return engine.ValidationError("%v", err)
			}
		}
		if d := g.Mixed.InstancesDistribution; d != nil {
			engine.Guard(c.Operation, d, "OnDemandAllocationStrategy", "OnDemandBaseCapacity", "OnDemandPercentageAboveBaseCapacity", "SpotAllocationStrategy")
		}
	}
	t := g.launchTemplate()
	if _, _, err := instance.FindTemplateVersion(c, t.LaunchTemplateId, t.LaunchTemplateName, t.Version); err != nil {
		return engine.ValidationError("You must use a valid fully-formed launch template. %v", err)
	}
	return nil
}

// launchTemplate returns the launch template of a group, with or without a mixed instances policy.
func (g group) launchTemplate() *types.LaunchTemplateSpecification {
	if g.Mixed != nil {
		return g.Mixed.LaunchTemplate.LaunchTemplateSpecification
	}
	return g.Template
}

// types returns the instance types that a group may use, in order of preference. "" stands for the type of the launch
// template.
func (g group) types() []string {
	if g.Mixed == nil || len(g.Mixed.LaunchTemplate.Overrides) == 0 {
		return []string{""}
	}
	var names []string
	for _, o := range g.Mixed.LaunchTemplate.Overrides {
		names = append(names, aws.ToString(o.InstanceType))
	}
	return names
}

// nextIsSpot reports whether the next instance of a group is a spot instance, if it has so many on-demand instances.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/mixed-instances-groups-set-up-overview.html
func (g group) nextIsSpot(onDemand int32) bool {
	if g.Mixed == nil || g.Mixed.InstancesDistribution == nil {
		return false
	}
	d := g.Mixed.InstancesDistribution
	base, percent := aws.ToInt32(d.OnDemandBaseCapacity), int32(100)
	if d.OnDemandPercentageAboveBaseCapacity != nil {
		percent = *d.OnDemandPercentageAboveBaseCapacity
	}
	wanted := min(base, g.Desired) + (max(g.Desired-base, 0)*percent+99)/100
	return onDemand >= wanted
}

// balance launches and terminates instances until a group has the desired number, or a launch fails.
func balance(c *engine.Call, r *engine.Resource[group]) {
	if r.Deleting() {
		return
	}
	defer func(principal string) { c.Principal = principal }(c.Principal)
	c.Principal = engine.ByAWS
	launchError := ""
	for {
		live := members(c, r)
		switch have := int32(len(live)); {
		case have < r.Data.Desired && !slices.Contains(r.Data.Suspended, "Launch"):
			if err := scaleOut(c, r, live); err != nil {
				launchError = err.Error()
			}
		case have > r.Data.Desired && !slices.Contains(r.Data.Suspended, "Terminate"):
			scaleIn(c, r, live)
		}
		if launchError != "" || len(members(c, r)) == len(live) {
			break
		}
	}
	if r.Data.LaunchError != launchError || launchError != "" {
		r.Data.LaunchError, r.Data.FailedAt = launchError, c.Now()
		groups.Put(c, r)
	}
}

// retryLaunch is the delay after which a group repeats a failed launch. AWS publishes no figure; estimate.
const retryLaunch = 15 * time.Second

// retryFailed launches again for a group whose last launch has failed, once the time has come. The simulation has no
// goroutines, so it happens when a caller describes the group.
func retryFailed(c *engine.Call, r *engine.Resource[group]) {
	if r.Data.LaunchError != "" && !c.Now().Before(r.Data.FailedAt.Add(c.Scaled(retryLaunch))) {
		balance(c, r)
	}
}

// members returns the instances of a group that are not being terminated.
func members(c *engine.Call, r *engine.Resource[group]) []*engine.Resource[instance.Instance] {
	return slices.DeleteFunc(instance.Instances.OwnedBy(c, r.ID), func(i *engine.Resource[instance.Instance]) bool { return i.Deleting() })
}

// countBySubnet counts instances by subnet.
func countBySubnet(live []*engine.Resource[instance.Instance]) map[string]int {
	count := map[string]int{}
	for _, i := range live {
		count[i.Data.Subnet]++
	}
	return count
}

// scaleOut launches one instance in the subnet with the fewest, or in another one if there is no capacity.
func scaleOut(c *engine.Call, r *engine.Resource[group], live []*engine.Resource[instance.Instance]) error {
	t := r.Data.launchTemplate()
	template, version, err := instance.FindTemplateVersion(c, t.LaunchTemplateId, t.LaunchTemplateName, t.Version)
	if err != nil {
		return err
	}
	onDemand := int32(0)
	for _, i := range live {
		if !i.Data.Spot {
			onDemand++
		}
	}
	count := countBySubnet(live)
	places := slices.Clone(r.Data.Subnets)
	slices.SortStableFunc(places, func(a, b string) int { return cmp.Compare(count[a], count[b]) })
	for _, place := range places {
		for _, name := range r.Data.types() {
			l := instance.LaunchRequest{
				Specification: version.Data.Specification, Min: 1, Max: 1, Subnet: aws.String(place), TemplateID: template.ID,
				TemplateVersion: version.Data.Number, Group: r.ID, GroupTags: propagated(r),
			}
			if name != "" {
				l.InstanceType = ec2types.InstanceType(name)
			}
			if r.Data.nextIsSpot(onDemand) {
				l.InstanceMarketOptions = &ec2types.LaunchTemplateInstanceMarketOptionsRequest{MarketType: ec2types.MarketTypeSpot}
			}
			var made *engine.Resource[instance.Reservation]
			if made, err = instance.Launch(c, l); err == nil {
				registerMember(c, r, made.Data.Instances[0])
				return nil
			}
			if engine.Code(err) != "InsufficientInstanceCapacity" {
				return err
			}
		}
	}
	return err
}

// scaleIn terminates one instance in the subnet with the most: the one with the oldest version of the template, then
// the oldest.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-termination-policies.html
func scaleIn(c *engine.Call, r *engine.Resource[group], live []*engine.Resource[instance.Instance]) {
	count := countBySubnet(live)
	candidates := slices.DeleteFunc(slices.Clone(live), func(*engine.Resource[instance.Instance]) bool { return r.Data.ProtectNew })
	if len(candidates) == 0 {
		return
	}
	instance.Terminate(c, slices.MinFunc(candidates, func(a, b *engine.Resource[instance.Instance]) int {
		return cmp.Or(
			cmp.Compare(count[b.Data.Subnet], count[a.Data.Subnet]),
			cmp.Compare(a.Data.TemplateVersion, b.Data.TemplateVersion),
			cmp.Compare(a.Seq, b.Seq),
		)
	}))
}

// registerMember registers a new instance with the target groups of its group.
func registerMember(c *engine.Call, r *engine.Resource[group], id string) {
	for _, arn := range r.Data.TargetGroups {
		if g, ok := elb.TargetGroups.Find(c, arn); ok {
			elb.RegisterTarget(c, g, elb.Target{TargetGroup: arn, ID: id, Port: g.Data.Port, Group: r.ID})
		}
	}
}

// BalanceAll balances every Auto Scaling group of every account.
func BalanceAll(c *engine.Call) {
	account, region := c.Account, c.Region
	defer func() { c.Account, c.Region = account, region }()
	for _, at := range c.Scopes(groups) {
		c.Account, c.Region = at.Account, at.Region
		for _, g := range groups.List(c) {
			balance(c, g)
		}
	}
}

// replaceMember makes the group of a terminated instance launch a new one.
func replaceMember(c *engine.Call, id string) {
	i, ok := instance.Instances.Find(c, id)
	if !ok {
		return
	}
	if g, ok := groups.Find(c, i.Data.Group); ok {
		balance(c, g)
	}
}
