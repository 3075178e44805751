package aws

import (
	"cmp"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// chooseTemplate gives a group what its instances are launched from.
func (c *call) chooseTemplate(g *autoScalingGroup, in *autoscaling.UpdateAutoScalingGroupInput) error {
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
			return validation("A launch template is required in the mixed instances policy")
		}
		guard(c.Operation, g.Mixed.LaunchTemplate, "LaunchTemplateSpecification", "Overrides")
		for _, o := range g.Mixed.LaunchTemplate.Overrides {
			guard(c.Operation, o, "InstanceType")
			if _, err := instanceTypeOf(ec2types.InstanceType(aws.ToString(o.InstanceType))); err != nil {
				return validation("%v", err)
			}
		}
		if d := g.Mixed.InstancesDistribution; d != nil {
			guard(c.Operation, d, "OnDemandAllocationStrategy", "OnDemandBaseCapacity", "OnDemandPercentageAboveBaseCapacity", "SpotAllocationStrategy")
		}
	}
	t := g.template()
	if _, _, err := c.templateVersion(t.LaunchTemplateId, t.LaunchTemplateName, t.Version); err != nil {
		return validation("You must use a valid fully-formed launch template. %v", err)
	}
	return nil
}

// template is the launch template of a group, mixed or not.
func (g autoScalingGroup) template() *types.LaunchTemplateSpecification {
	if g.Mixed != nil {
		return g.Mixed.LaunchTemplate.LaunchTemplateSpecification
	}
	return g.Template
}

// types are the instance types a group may use, in order of preference; "" is that of its launch template.
func (g autoScalingGroup) types() []string {
	if g.Mixed == nil || len(g.Mixed.LaunchTemplate.Overrides) == 0 {
		return []string{""}
	}
	var names []string
	for _, o := range g.Mixed.LaunchTemplate.Overrides {
		names = append(names, aws.ToString(o.InstanceType))
	}
	return names
}

// spot says whether the next instance of a group is a spot instance, given how many on-demand ones it has.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/mixed-instances-groups-set-up-overview.html
func (g autoScalingGroup) spot(onDemand int32) bool {
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

// balance makes and ends instances until a group has what it desires, or finds no more room.
func (c *call) balance(r *row[autoScalingGroup]) {
	if r.deleting() {
		return
	}
	defer func(principal string) { c.Principal = principal }(c.Principal)
	c.Principal = byAWS
	trouble := ""
	for {
		live := c.members(r)
		switch have := int32(len(live)); {
		case have < r.Data.Desired && !slices.Contains(r.Data.Suspended, "Launch"):
			if err := c.scaleOut(r, live); err != nil {
				trouble = err.Error()
			}
		case have > r.Data.Desired && !slices.Contains(r.Data.Suspended, "Terminate"):
			c.scaleIn(r, live)
		}
		if trouble != "" || len(c.members(r)) == len(live) {
			break
		}
	}
	if r.Data.Trouble != trouble || trouble != "" {
		r.Data.Trouble, r.Data.TriedAt = trouble, c.now()
		autoScalingGroups.put(c, r)
	}
}

// retryLaunch is how long after a failed launch a group tries again. AWS names no figure; estimate.
const retryLaunch = 15 * time.Second

// retry lets a group whose last launch failed try again, when the time has come. Like all that groups do by themselves
// it happens when somebody looks.
func (c *call) retry(r *row[autoScalingGroup]) {
	if r.Data.Trouble != "" && !c.now().Before(r.Data.TriedAt.Add(c.w.span(retryLaunch))) {
		c.balance(r)
	}
}

// members are the instances of a group that are not being ended.
func (c *call) members(r *row[autoScalingGroup]) []*row[instance] {
	return slices.DeleteFunc(instances.of(c, r.ID), func(i *row[instance]) bool { return i.deleting() })
}

// crowd is how many of the instances are in each subnet.
func crowd(live []*row[instance]) map[string]int {
	count := map[string]int{}
	for _, i := range live {
		count[i.Data.Subnet]++
	}
	return count
}

// scaleOut adds one instance where there are fewest, or elsewhere if there is no capacity.
func (c *call) scaleOut(r *row[autoScalingGroup], live []*row[instance]) error {
	t := r.Data.template()
	template, version, err := c.templateVersion(t.LaunchTemplateId, t.LaunchTemplateName, t.Version)
	if err != nil {
		return err
	}
	onDemand := int32(0)
	for _, i := range live {
		if !i.Data.Spot {
			onDemand++
		}
	}
	count := crowd(live)
	places := slices.Clone(r.Data.Subnets)
	slices.SortStableFunc(places, func(a, b string) int { return cmp.Compare(count[a], count[b]) })
	for _, place := range places {
		for _, name := range r.Data.types() {
			l := launch{
				specification: version.Data.Specification, min: 1, max: 1, subnet: aws.String(place), template: template.ID,
				version: version.Data.Number, group: r.ID, tags: propagated(r),
			}
			if name != "" {
				l.InstanceType = ec2types.InstanceType(name)
			}
			if r.Data.spot(onDemand) {
				l.InstanceMarketOptions = &ec2types.LaunchTemplateInstanceMarketOptionsRequest{MarketType: ec2types.MarketTypeSpot}
			}
			var made *row[reservation]
			if made, err = c.launch(l); err == nil {
				c.registerMember(r, made.Data.Instances[0])
				return nil
			}
			if code(err) != "InsufficientInstanceCapacity" {
				return err
			}
		}
	}
	return err
}

// scaleIn ends one instance where there are most: the one from the oldest version of the template, then the oldest.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-termination-policies.html
func (c *call) scaleIn(r *row[autoScalingGroup], live []*row[instance]) {
	count := crowd(live)
	candidates := slices.DeleteFunc(slices.Clone(live), func(*row[instance]) bool { return r.Data.ProtectNew })
	if len(candidates) == 0 {
		return
	}
	c.terminate(slices.MinFunc(candidates, func(a, b *row[instance]) int {
		return cmp.Or(
			cmp.Compare(count[b.Data.Subnet], count[a.Data.Subnet]),
			cmp.Compare(a.Data.TemplateVersion, b.Data.TemplateVersion),
			cmp.Compare(a.Seq, b.Seq),
		)
	}))
}

// registerMember gives a new instance to the target groups of its group.
func (c *call) registerMember(r *row[autoScalingGroup], id string) {
	for _, arn := range r.Data.TargetGroups {
		if g, ok := targetGroups.in(c.w, targetGroups.scope(c)).byID[arn]; ok {
			c.enroll(g, target{TargetGroup: arn, ID: id, Port: g.Data.Port, Group: r.ID})
		}
	}
}
