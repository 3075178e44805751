package autoscaling

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
	"github.com/skep-dev/skep/libs/sim/aws/internal/instance"
	"github.com/skep-dev/skep/libs/sim/aws/internal/vpc"
)

// group is an Auto Scaling group. It launches and terminates instances within the call that changes it; the life cycles
// of the instances take their time.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/auto-scaling-groups.html
type group struct {
	Name              string
	Min, Max, Desired int32
	Subnets           []string
	Template          *types.LaunchTemplateSpecification
	Mixed             *types.MixedInstancesPolicy
	TargetGroups      []string // ARNs
	Propagated        []string // keys of the tags that new instances get
	HealthCheck       string
	GracePeriod       int32
	Cooldown          int32
	ProtectNew        bool
	Suspended         []string // suspended processes
	Termination       []string // termination policies
	CapacityRebalance bool
	LaunchError       string    // error of the last launch, or ""
	FailedAt          time.Time // when the last launch failed
}

// Owner implements engine.Attributes.
func (g group) Owner() string { return "" }

// DisplayName implements engine.Named.
func (g group) DisplayName() string { return g.Name }

// Summary implements engine.Attributes.
func (g group) Summary(name func(id string) string) string {
	var where []string
	for _, id := range g.Subnets {
		where = append(where, name(id))
	}
	slices.Sort(where)
	return fmt.Sprintf("%d of %d to %d in %s", g.Desired, g.Min, g.Max, strings.Join(where, ", "))
}

var groups = engine.NewType[group](engine.Type{Service: "Auto Scaling", Name: "AutoScalingGroup"})

func handleGroups(s *engine.Service) {
	common := engine.Fields{
		"AutoScalingGroupName", "CapacityRebalance", "DefaultCooldown", "DesiredCapacity", "HealthCheckGracePeriod", "HealthCheckType", "LaunchTemplate",
		"MaxSize", "MinSize", "MixedInstancesPolicy", "NewInstancesProtectedFromScaleIn", "TerminationPolicies", "VPCZoneIdentifier",
	}
	engine.Handle(s, "CreateAutoScalingGroup", append(engine.Fields{"Tags", "TargetGroupARNs"}, common...), createAutoScalingGroup)
	engine.Handle(s, "UpdateAutoScalingGroup", common, updateAutoScalingGroup)
	engine.Handle(s, "SetDesiredCapacity", engine.Fields{"AutoScalingGroupName", "DesiredCapacity", "HonorCooldown"}, setDesiredCapacity)
	engine.Handle(s, "DeleteAutoScalingGroup", engine.Fields{"AutoScalingGroupName", "ForceDelete"}, deleteAutoScalingGroup)
}

// findGroup finds a group by name.
func findGroup(c *engine.Call, name *string) (*engine.Resource[group], error) {
	r, ok := groups.Visible(c, aws.ToString(name))
	if !ok {
		return nil, engine.ValidationError("AutoScalingGroup name not found - AutoScalingGroup '%s' not found", aws.ToString(name))
	}
	return r, nil
}

// createAutoScalingGroup refuses a name that is in use, also by a group that is being deleted.
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html
func createAutoScalingGroup(c *engine.Call, in *autoscaling.CreateAutoScalingGroupInput) (*autoscaling.CreateAutoScalingGroupOutput, error) {
	name := aws.ToString(in.AutoScalingGroupName)
	if name == "" || len(name) > 255 || strings.ContainsAny(name, ":/") {
		return nil, engine.ValidationError("1 validation error detected: Value '%s' at 'autoScalingGroupName' failed to satisfy constraint", name)
	}
	if taken, err := findGroup(c, &name); err == nil {
		if taken.Deleting() {
			return nil, engine.Refuse("AlreadyExists", "AutoScalingGroup by this name already exists - A group with the name %s already exists and is pending delete", name)
		}
		return nil, engine.Refuse("AlreadyExists", "AutoScalingGroup by this name already exists - A group with the name %s already exists", name)
	}
	g := group{Name: name, HealthCheck: "EC2", Cooldown: 300, Termination: []string{"Default"}}
	if in.LaunchTemplate == nil && in.MixedInstancesPolicy == nil {
		return nil, engine.ValidationError("Valid requests must contain either the InstanceID parameter or LaunchConfigurationName, LaunchTemplate, or MixedInstancesPolicy parameter")
	}
	if in.VPCZoneIdentifier == nil {
		return nil, engine.ValidationError("At least one Availability Zone or VPC Subnet is required.")
	}
	in = new(*in)
	if in.DesiredCapacity == nil {
		in.DesiredCapacity = in.MinSize
	}
	if err := configure(c, &g, new(engine.Convert[autoscaling.UpdateAutoScalingGroupInput](in))); err != nil {
		return nil, err
	}
	tags := map[string]string{}
	for _, tag := range in.Tags {
		engine.Guard(c.Operation, tag, "Key", "Value", "PropagateAtLaunch", "ResourceId", "ResourceType")
		g.tag(tags, tag)
	}
	if err := checkGroupTags(c, tags); err != nil {
		return nil, err
	}
	if err := c.CheckQuota("AutoScalingGroupsPerRegion", len(groups.List(c)), "LimitExceeded", "The maximum number of Auto Scaling groups has been reached."); err != nil {
		return nil, err
	}
	if err := joinTargetGroups(c, &g, in.TargetGroupARNs); err != nil {
		return nil, err
	}
	r := groups.Create(c, name, g, tags)
	balance(c, r)
	return &autoscaling.CreateAutoScalingGroupOutput{}, nil
}

// configure checks and sets the settings of a request.
func configure(c *engine.Call, g *group, in *autoscaling.UpdateAutoScalingGroupInput) error {
	for to, from := range map[*int32]*int32{
		&g.Min: in.MinSize, &g.Max: in.MaxSize, &g.Desired: in.DesiredCapacity, &g.Cooldown: in.DefaultCooldown, &g.GracePeriod: in.HealthCheckGracePeriod,
	} {
		if from != nil {
			*to = *from
		}
	}
	if in.DesiredCapacity == nil {
		g.Desired = min(max(g.Desired, g.Min), g.Max)
	}
	switch {
	case g.Min < 0 || g.Min > g.Max:
		return engine.ValidationError("Max bound, %d, must be greater than or equal to min bound, %d", g.Max, g.Min)
	case g.Desired < g.Min || g.Desired > g.Max:
		return engine.ValidationError("Desired capacity:%d must be between the specified min size:%d and max size:%d", g.Desired, g.Min, g.Max)
	case in.LaunchTemplate != nil && in.MixedInstancesPolicy != nil:
		return engine.ValidationError("Valid requests must contain either LaunchTemplate or MixedInstancesPolicy, not both")
	}
	if in.HealthCheckType != nil {
		if g.HealthCheck = *in.HealthCheckType; g.HealthCheck != "EC2" && g.HealthCheck != "ELB" {
			c.Unsimulated("HealthCheckType", g.HealthCheck)
		}
	}
	if in.NewInstancesProtectedFromScaleIn != nil {
		g.ProtectNew = *in.NewInstancesProtectedFromScaleIn
	}
	if in.CapacityRebalance != nil {
		g.CapacityRebalance = *in.CapacityRebalance
	}
	if len(in.TerminationPolicies) > 0 {
		g.Termination = in.TerminationPolicies
	}
	if in.VPCZoneIdentifier != nil {
		if err := chooseSubnets(c, g, *in.VPCZoneIdentifier); err != nil {
			return err
		}
	}
	return chooseTemplate(c, g, in)
}

// chooseSubnets parses the comma-separated subnets of a group: all in one VPC, one for each zone.
func chooseSubnets(c *engine.Call, g *group, list string) error {
	g.Subnets = nil
	network := ""
	zones := map[string]bool{}
	for id := range strings.SplitSeq(list, ",") {
		s, err := vpc.Subnets.Get(c, aws.String(strings.TrimSpace(id)))
		switch {
		case err != nil:
			return engine.ValidationError("The subnet ID '%s' does not exist", id)
		case network != "" && s.Data.VPC != network:
			return engine.ValidationError("The subnets of a group have to be in one VPC")
		case zones[s.Data.Zone.Name]:
			return engine.ValidationError("Two subnets of a group are in the Availability Zone %s", s.Data.Zone.Name)
		}
		network, zones[s.Data.Zone.Name] = s.Data.VPC, true
		g.Subnets = append(g.Subnets, s.ID)
	}
	return nil
}

func updateAutoScalingGroup(c *engine.Call, in *autoscaling.UpdateAutoScalingGroupInput) (*autoscaling.UpdateAutoScalingGroupOutput, error) {
	r, err := findGroup(c, in.AutoScalingGroupName)
	switch {
	case err != nil:
		return nil, err
	case r.Deleting():
		return nil, engine.Refuse("ScalingActivityInProgress", "AutoScalingGroup %s is pending delete", r.ID)
	}
	g := r.Data
	if err := configure(c, &g, in); err != nil {
		return nil, err
	}
	r.Data = g
	groups.Put(c, r)
	balance(c, r)
	return &autoscaling.UpdateAutoScalingGroupOutput{}, nil
}

func setDesiredCapacity(c *engine.Call, in *autoscaling.SetDesiredCapacityInput) (*autoscaling.SetDesiredCapacityOutput, error) {
	r, err := findGroup(c, in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	desired := aws.ToInt32(in.DesiredCapacity)
	switch {
	case r.Deleting():
		return nil, engine.Refuse("ScalingActivityInProgress", "AutoScalingGroup %s is pending delete", r.ID)
	case desired < r.Data.Min:
		return nil, engine.ValidationError("New SetDesiredCapacity value %d is below min value %d for the AutoScalingGroup.", desired, r.Data.Min)
	case desired > r.Data.Max:
		return nil, engine.ValidationError("New SetDesiredCapacity value %d is above max value %d for the AutoScalingGroup.", desired, r.Data.Max)
	}
	r.Data.Desired = desired
	groups.Put(c, r)
	balance(c, r)
	return &autoscaling.SetDesiredCapacityOutput{}, nil
}

// deleteAutoScalingGroup refuses while there are instances, unless ForceDelete is set. Then the group stays until its
// last instance is terminated.
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DeleteAutoScalingGroup.html
func deleteAutoScalingGroup(c *engine.Call, in *autoscaling.DeleteAutoScalingGroupInput) (*autoscaling.DeleteAutoScalingGroupOutput, error) {
	r, err := findGroup(c, in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	out := &autoscaling.DeleteAutoScalingGroupOutput{}
	members := instance.Instances.OwnedBy(c, r.ID)
	force := aws.ToBool(in.ForceDelete)
	switch {
	case r.Deleting():
		return out, nil
	case len(members) == 0:
		groups.Delete(c, r)
		return out, nil
	case !force && slices.ContainsFunc(members, func(i *engine.Resource[instance.Instance]) bool { return !i.Deleting() }):
		return nil, engine.Refuse("ResourceInUse", "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.")
	case !force:
		return nil, engine.Refuse("ScalingActivityInProgress", "You cannot delete an AutoScalingGroup while there are scaling activities in progress for that group.")
	}
	for _, i := range members {
		instance.Terminate(c, i)
		if i.DeletedAt.After(r.DeletedAt) {
			r.DeletedAt = i.DeletedAt
		}
	}
	r.Data.Min, r.Data.Max, r.Data.Desired, r.GoneAt = 0, 0, 0, r.DeletedAt
	groups.Put(c, r)
	return out, nil
}
