package identity

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/engine/graph"
)

// InstanceProfile is the IAM instance profile through which machines get their role. Its name is unique in the account.
type InstanceProfile struct {
	graph.Node
	account
	Part Part
}

// Name implements graph.Resource.
func (p *InstanceProfile) Name() string { return "instance-profile/" + string(p.Part) }

// Needs implements graph.Resource.
func (p *InstanceProfile) Needs() []graph.Resource { return nil }

// Key implements graph.NaturallyKeyed: the name, at most 128 characters.
func (p *InstanceProfile) Key() string { return p.owner.Cluster + "-" + string(p.Part) + "-profile" }

// Observe implements graph.Resource.
func (p *InstanceProfile) Observe(ctx context.Context) (graph.State, error) {
	out, err := p.GetInstanceProfile(ctx, &iam.GetInstanceProfileInput{InstanceProfileName: aws.String(p.ID())})
	if err != nil {
		return graph.Absent, errorclass.IgnoreNotFound(err)
	}
	p.SetAttribute(ARN, aws.ToString(out.InstanceProfile.Arn))
	return graph.Ready, nil
}

// Create implements graph.Resource.
func (p *InstanceProfile) Create(ctx context.Context) (graph.State, error) {
	out, err := p.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{
		InstanceProfileName: aws.String(p.ID()),
		Path:                aws.String(path),
		Tags:                p.tags(p.Name(), p.Token()),
	})
	if errorclass.Code(err) == entityExists {
		return p.Observe(ctx)
	}
	if err != nil {
		return graph.Absent, err
	}
	p.SetAttribute(ARN, aws.ToString(out.InstanceProfile.Arn))
	return graph.Ready, nil
}

// Delete implements graph.Resource.
func (p *InstanceProfile) Delete(ctx context.Context) error {
	_, err := p.DeleteInstanceProfile(ctx, &iam.DeleteInstanceProfileInput{InstanceProfileName: aws.String(p.ID())})
	return errorclass.IgnoreNotFound(err)
}
