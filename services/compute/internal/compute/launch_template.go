package compute

import (
	"context"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
)

// LaunchTemplate defines the nodes of a pool. A change creates a new version. To find drift, Observe compares a
// digest of the content that Skep writes into the description of each version, because AWS returns the content
// in a normalized form. CreateLaunchTemplate takes a client token.
type LaunchTemplate struct {
	graph.Node
	account
	Spec    NodePoolSpec
	Groups  []*graph.Dependency
	Profile *graph.Dependency
	Boot    *Boot
}

// templateVersion is the attribute with the number of the latest version, which the Auto Scaling group uses.
const templateVersion = "version"

// Name implements graph.Resource.
func (l *LaunchTemplate) Name() string { return "launch-template" }

// Needs implements graph.Resource.
func (l *LaunchTemplate) Needs() []graph.Resource { return needs(l.Groups, l.Profile, l.Boot.API) }

// IdempotentCreate implements graph.IdempotentCreate.
func (l *LaunchTemplate) IdempotentCreate() {}

// Observe implements graph.Resource.
func (l *LaunchTemplate) Observe(ctx context.Context) (graph.State, error) {
	in := &ec2.DescribeLaunchTemplatesInput{Filters: session.ByIntent(l.Token())}
	if l.ID() != "" {
		in = &ec2.DescribeLaunchTemplatesInput{LaunchTemplateIds: []string{l.ID()}}
	}
	found, err := l.find(ctx, in)
	if err != nil || found == nil {
		return graph.Absent, errorclass.IgnoreNotFound(err)
	}
	if l.Boot == nil {
		// During a delete the resource has no spec to compare.
		return graph.Ready, nil
	}
	versions, err := l.DescribeLaunchTemplateVersions(ctx, &ec2.DescribeLaunchTemplateVersionsInput{
		LaunchTemplateId: found.LaunchTemplateId, Versions: []string{l.Attribute(templateVersion)},
	})
	if err != nil {
		return graph.Absent, err
	}
	form, err := l.form()
	if err != nil {
		return graph.Absent, err
	}
	for _, version := range versions.LaunchTemplateVersions {
		if aws.ToString(version.VersionDescription) == form.digest {
			return graph.Ready, nil
		}
	}
	return graph.Drifted, nil
}

func (l *LaunchTemplate) find(ctx context.Context, in *ec2.DescribeLaunchTemplatesInput) (*types.LaunchTemplate, error) {
	out, err := l.DescribeLaunchTemplates(ctx, in)
	if err != nil {
		return nil, err
	}
	found, err := session.Only(out.LaunchTemplates)
	if found != nil {
		l.setAttributes(found)
	}
	return found, err
}

func (l *LaunchTemplate) setAttributes(found *types.LaunchTemplate) {
	l.SetID(aws.ToString(found.LaunchTemplateId))
	l.SetAttribute(templateVersion, strconv.FormatInt(aws.ToInt64(found.LatestVersionNumber), 10))
}

// Create implements graph.Resource. The name contains the uid of the cluster, so a template with this name is
// the result of an earlier attempt.
func (l *LaunchTemplate) Create(ctx context.Context) (graph.State, error) {
	form, err := l.form()
	if err != nil {
		return graph.Absent, err
	}
	name := l.owner.Cluster + "-" + l.Spec.Pool
	out, err := l.CreateLaunchTemplate(ctx, &ec2.CreateLaunchTemplateInput{
		LaunchTemplateName: aws.String(name),
		LaunchTemplateData: form.data,
		VersionDescription: aws.String(form.digest),
		ClientToken:        aws.String(l.Token()),
		TagSpecifications:  l.owner.EC2Tags(types.ResourceTypeLaunchTemplate, l.Name(), l.Token()),
	})
	if errorclass.Code(err) == "InvalidLaunchTemplateName.AlreadyExistsException" {
		_, err = l.find(ctx, &ec2.DescribeLaunchTemplatesInput{LaunchTemplateNames: []string{name}})
		return graph.Pending, err
	}
	if err != nil {
		return graph.Absent, err
	}
	l.setAttributes(out.LaunchTemplate)
	return graph.Ready, nil
}

// Update implements graph.Updater. It creates a new version. The client token derives from the template, the
// previous version and the content, so a repeat after a lost response creates no second version.
func (l *LaunchTemplate) Update(ctx context.Context) error {
	form, err := l.form()
	if err != nil {
		return err
	}
	out, err := l.CreateLaunchTemplateVersion(ctx, &ec2.CreateLaunchTemplateVersionInput{
		LaunchTemplateId:   aws.String(l.ID()),
		LaunchTemplateData: form.data,
		VersionDescription: aws.String(form.digest),
		ClientToken:        aws.String(form.token(l.ID(), l.Attribute(templateVersion))),
	})
	if err != nil {
		return err
	}
	l.SetAttribute(templateVersion, strconv.FormatInt(aws.ToInt64(out.LaunchTemplateVersion.VersionNumber), 10))
	return nil
}

// Delete implements graph.Resource.
func (l *LaunchTemplate) Delete(ctx context.Context) error {
	_, err := l.DeleteLaunchTemplate(ctx, &ec2.DeleteLaunchTemplateInput{LaunchTemplateId: aws.String(l.ID())})
	return errorclass.IgnoreNotFound(err)
}
