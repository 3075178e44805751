package identity

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/skep-dev/skep/libs/aws/latency"
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
)

// InstanceProfileRole puts the role into the instance profile, which holds one at
// the most. It is the last step: once it is ready, machines can be started with
// the profile.
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

// Key implements graph.Keyed: an instance profile has one role.
func (p *InstanceProfileRole) Key() string { return p.Profile.ID() }

// Usual implements graph.Slow. No API reports when EC2 knows a new profile.
func (p *InstanceProfileRole) Usual() graph.Latency {
	return graph.Latency{Ready: latency.Of(latency.InstanceProfileWait), Unseen: true}
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

// roles are the names of the roles in the profile: one or none.
func (p *InstanceProfileRole) roles(ctx context.Context) ([]string, error) {
	out, err := p.GetInstanceProfile(ctx, &iam.GetInstanceProfileInput{InstanceProfileName: aws.String(p.ID())})
	if err != nil {
		return nil, session.IgnoreGone(err)
	}
	var names []string
	for _, role := range out.InstanceProfile.Roles {
		names = append(names, aws.ToString(role.RoleName))
	}
	return names, nil
}

// Create implements graph.Resource. It is refused if there is a role already;
// Observe then says whether it is the right one.
func (p *InstanceProfileRole) Create(ctx context.Context) (graph.State, error) {
	_, err := p.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{
		InstanceProfileName: aws.String(p.ID()), RoleName: aws.String(p.Role.ID()),
	})
	if err != nil && session.Code(err) != "LimitExceeded" {
		return graph.Absent, err
	}
	p.SetAttribute(roleName, p.Role.ID())
	return graph.Pending, nil
}

// Update implements graph.Updater: it puts the role in the place of another.
func (p *InstanceProfileRole) Update(ctx context.Context) error {
	if err := p.empty(ctx); err != nil {
		return err
	}
	_, err := p.Create(ctx)
	return err
}

// roleName is the attribute that holds the name of the role that was put in.
const roleName = "role"

// Delete implements graph.Resource. Whatever role is in there is looked up only if
// it is not the one that was put in.
func (p *InstanceProfileRole) Delete(ctx context.Context) error {
	if role := p.Attribute(roleName); role != "" {
		if err := p.takeOut(ctx, role); !session.Gone(err) {
			return err
		}
	}
	return p.empty(ctx)
}

// empty takes out whatever role is in the profile.
func (p *InstanceProfileRole) empty(ctx context.Context) error {
	roles, err := p.roles(ctx)
	if err != nil {
		return err
	}
	for _, role := range roles {
		if err := p.takeOut(ctx, role); session.IgnoreGone(err) != nil {
			return err
		}
	}
	return nil
}

func (p *InstanceProfileRole) takeOut(ctx context.Context, role string) error {
	_, err := p.RemoveRoleFromInstanceProfile(ctx, &iam.RemoveRoleFromInstanceProfileInput{
		InstanceProfileName: aws.String(p.ID()), RoleName: aws.String(role),
	})
	return err
}
