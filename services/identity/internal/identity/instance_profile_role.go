package identity

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/aws/latency"
	"github.com/skep-dev/skep/libs/engine/graph"
)

// InstanceProfileRole adds the role to the instance profile, which holds at most one. Once it is ready, EC2 can
// start machines with the profile.
type InstanceProfileRole struct {
	graph.Node
	account
	Profile *InstanceProfile
	Role    *Role
}

// Name implements graph.Resource.
func (p *InstanceProfileRole) Name() string {
	return "instance-profile-role/" + string(p.Profile.Part)
}

// Needs implements graph.Resource.
func (p *InstanceProfileRole) Needs() []graph.Resource {
	return []graph.Resource{p.Profile, p.Role}
}

// Key implements graph.NaturallyKeyed: an instance profile has one role.
func (p *InstanceProfileRole) Key() string { return p.Profile.ID() }

// ExpectedLatency implements graph.Asynchronous. AWS does not show when EC2 knows a new profile, so the resource counts
// as ready after the expected time; tools similar to Skep wait about 10 s.
func (p *InstanceProfileRole) ExpectedLatency() graph.Latency {
	return graph.Latency{Ready: latency.Of(latency.InstanceProfileWait), Unobservable: true}
}

// Observe implements graph.Resource.
func (p *InstanceProfileRole) Observe(ctx context.Context) (graph.State, error) {
	roles, err := p.roles(ctx)
	if err != nil || len(roles) == 0 {
		return graph.Absent, err
	}
	p.SetAttribute(roleName, roles[0])
	if p.Role != nil && roles[0] != p.Role.ID() {
		return graph.Drifted, nil
	}
	return graph.Ready, nil
}

// roles returns the names of the roles in the profile: one or none.
func (p *InstanceProfileRole) roles(ctx context.Context) ([]string, error) {
	out, err := p.GetInstanceProfile(ctx, &iam.GetInstanceProfileInput{InstanceProfileName: aws.String(p.ID())})
	if err != nil {
		return nil, errorclass.IgnoreNotFound(err)
	}
	var names []string
	for _, role := range out.InstanceProfile.Roles {
		names = append(names, aws.ToString(role.RoleName))
	}
	return names, nil
}

// Create implements graph.Resource. IAM answers LimitExceeded if the profile has a role already; a later Observe
// decides whether it is the desired one.
func (p *InstanceProfileRole) Create(ctx context.Context) (graph.State, error) {
	_, err := p.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{
		InstanceProfileName: aws.String(p.ID()), RoleName: aws.String(p.Role.ID()),
	})
	if err != nil && errorclass.Code(err) != "LimitExceeded" {
		return graph.Absent, err
	}
	p.SetAttribute(roleName, p.Role.ID())
	return graph.Pending, nil
}

// Update implements graph.Updater. It replaces another role with the desired one.
func (p *InstanceProfileRole) Update(ctx context.Context) error {
	if err := p.empty(ctx); err != nil {
		return err
	}
	_, err := p.Create(ctx)
	return err
}

// roleName is the attribute with the name of the role in the profile.
const roleName = "role"

// Delete implements graph.Resource. It removes the recorded role, and reads the profile only if no role is
// recorded or the profile does not hold it.
func (p *InstanceProfileRole) Delete(ctx context.Context) error {
	if role := p.Attribute(roleName); role != "" {
		if err := p.remove(ctx, role); !errorclass.IsNotFound(err) {
			return err
		}
	}
	return p.empty(ctx)
}

// empty removes every role from the profile.
func (p *InstanceProfileRole) empty(ctx context.Context) error {
	roles, err := p.roles(ctx)
	if err != nil {
		return err
	}
	for _, role := range roles {
		if err := p.remove(ctx, role); errorclass.IgnoreNotFound(err) != nil {
			return err
		}
	}
	return nil
}

func (p *InstanceProfileRole) remove(ctx context.Context, role string) error {
	_, err := p.RemoveRoleFromInstanceProfile(ctx, &iam.RemoveRoleFromInstanceProfileInput{
		InstanceProfileName: aws.String(p.ID()), RoleName: aws.String(role),
	})
	return err
}
