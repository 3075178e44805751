package instance

import (
	"fmt"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/ec2api"
	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// LaunchTemplate is a named list of versions.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/launch-templates.html
type LaunchTemplate struct {
	Name            string
	Default, Latest int64 // version numbers
}

// Owner implements engine.Attributes.
func (t LaunchTemplate) Owner() string { return "" }

// DisplayName implements engine.Named.
func (t LaunchTemplate) DisplayName() string { return t.Name }

// Summary implements engine.Attributes.
func (t LaunchTemplate) Summary(func(id string) string) string {
	return fmt.Sprintf("%s at version %d", t.Name, t.Default)
}

// LaunchTemplates is the resource type with the attributes LaunchTemplate.
var LaunchTemplates = engine.NewType[LaunchTemplate](engine.Type{
	Service: "EC2", Name: "LaunchTemplate", Noun: "launch template", Prefix: "lt", TagType: "launch-template",
	NotFound: "InvalidLaunchTemplateId.NotFound", Malformed: "InvalidLaunchTemplateId.Malformed",
})

var launchTemplateFilters = ec2api.Filters[LaunchTemplate]{
	"launch-template-name": ec2api.ByText(func(t LaunchTemplate) string { return t.Name }),
}

var templateName = regexp.MustCompile(`^[a-zA-Z0-9().\-/_]{3,128}$`)

func handleLaunchTemplate(s *engine.Service) {
	engine.Handle(s, "CreateLaunchTemplate", engine.Fields{"LaunchTemplateData", "LaunchTemplateName", "ClientToken", "TagSpecifications", "VersionDescription"}, createLaunchTemplate)
	engine.Handle(s, "ModifyLaunchTemplate", engine.Fields{"ClientToken", "DefaultVersion", "LaunchTemplateId", "LaunchTemplateName"}, modifyLaunchTemplate)
	engine.Handle(s, "DeleteLaunchTemplate", engine.Fields{"LaunchTemplateId", "LaunchTemplateName"}, deleteLaunchTemplate)
	engine.Handle(s, "DescribeLaunchTemplates", engine.Fields{"Filters", "LaunchTemplateIds", "LaunchTemplateNames", "MaxResults", "NextToken"}, describeLaunchTemplates)
}

// createLaunchTemplate refuses a name that is in use.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplate.html
func createLaunchTemplate(c *engine.Call, in *ec2.CreateLaunchTemplateInput) (*ec2.CreateLaunchTemplateOutput, error) {
	r, err := ec2api.Once(c, LaunchTemplates, in.ClientToken, in, func() (*engine.Resource[LaunchTemplate], error) {
		name := aws.ToString(in.LaunchTemplateName)
		if !templateName.MatchString(name) {
			return nil, engine.Refuse("InvalidLaunchTemplateName.MalformedException", "Launch template name %q is malformed", name)
		}
		if taken, err := findTemplate(c, nil, in.LaunchTemplateName); err == nil {
			return nil, engine.Refuse("InvalidLaunchTemplateName.AlreadyExistsException", "Launch template name already in use (%s).", taken.ID)
		}
		tags, err := ec2api.ReadTags(c, in.TagSpecifications, LaunchTemplates.TagType)
		if err != nil {
			return nil, err
		}
		if err := checkSpecification(c, in.LaunchTemplateData); err != nil {
			return nil, err
		}
		if err := c.CheckQuota("LaunchTemplatesPerRegion", len(LaunchTemplates.List(c)), "LaunchTemplateLimitExceeded", "The maximum number of launch templates has been reached."); err != nil {
			return nil, err
		}
		r := LaunchTemplates.Create(c, "", LaunchTemplate{name, 1, 1}, tags)
		addVersion(c, r, 1, in.LaunchTemplateData, in.VersionDescription)
		return r, nil
	})
	if err != nil {
		return nil, err
	}
	return &ec2.CreateLaunchTemplateOutput{LaunchTemplate: new(showLaunchTemplate(c, r))}, nil
}

// findTemplate finds a launch template by id or name. It refuses both together, and neither.
func findTemplate(c *engine.Call, id, name *string) (*engine.Resource[LaunchTemplate], error) {
	switch {
	case id != nil && name != nil:
		return nil, engine.Refuse("InvalidParameterCombination", "The parameters LaunchTemplateId and LaunchTemplateName cannot be used together")
	case id != nil:
		return LaunchTemplates.Get(c, id)
	case name == nil:
		return nil, engine.MissingParameter("LaunchTemplateId or LaunchTemplateName")
	}
	for _, r := range LaunchTemplates.List(c) {
		if r.Data.Name == *name {
			return r, nil
		}
	}
	return nil, engine.Refuse("InvalidLaunchTemplateName.NotFoundException", "The specified launch template, with template name %s, does not exist.", *name)
}

func modifyLaunchTemplate(c *engine.Call, in *ec2.ModifyLaunchTemplateInput) (*ec2.ModifyLaunchTemplateOutput, error) {
	r, err := findTemplate(c, in.LaunchTemplateId, in.LaunchTemplateName)
	if err != nil {
		return nil, err
	}
	if in.DefaultVersion == nil {
		return nil, engine.MissingParameter("SetDefaultVersion")
	}
	v, err := findVersion(c, r, *in.DefaultVersion)
	if err != nil {
		return nil, err
	}
	r.Data.Default = v.Data.Number
	LaunchTemplates.Put(c, r)
	return &ec2.ModifyLaunchTemplateOutput{LaunchTemplate: new(showLaunchTemplate(c, r))}, nil
}

// deleteLaunchTemplate deletes all versions too. It succeeds even while an Auto Scaling group uses the template.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteLaunchTemplate.html
func deleteLaunchTemplate(c *engine.Call, in *ec2.DeleteLaunchTemplateInput) (*ec2.DeleteLaunchTemplateOutput, error) {
	r, err := findTemplate(c, in.LaunchTemplateId, in.LaunchTemplateName)
	if err != nil {
		return nil, err
	}
	for _, v := range launchTemplateVersions.OwnedBy(c, r.ID) {
		launchTemplateVersions.Delete(c, v)
	}
	LaunchTemplates.Delete(c, r)
	return &ec2.DeleteLaunchTemplateOutput{LaunchTemplate: new(showLaunchTemplate(c, r))}, nil
}

func describeLaunchTemplates(c *engine.Call, in *ec2.DescribeLaunchTemplatesInput) (*ec2.DescribeLaunchTemplatesOutput, error) {
	q := ec2api.Query{IDs: in.LaunchTemplateIds, Filters: in.Filters, Max: in.MaxResults, Next: in.NextToken}
	resources, err := ec2api.Candidates(c, LaunchTemplates, q)
	if err != nil {
		return nil, err
	}
	if len(in.LaunchTemplateNames) > 0 {
		resources = nil
		for _, name := range in.LaunchTemplateNames {
			r, err := findTemplate(c, nil, &name)
			if err != nil {
				return nil, err
			}
			resources = append(resources, r)
		}
	}
	shown, next, err := ec2api.Select(c, LaunchTemplates, launchTemplateFilters, resources, q, showLaunchTemplate)
	return &ec2.DescribeLaunchTemplatesOutput{LaunchTemplates: shown, NextToken: next}, err
}

func showLaunchTemplate(c *engine.Call, r *engine.Resource[LaunchTemplate]) types.LaunchTemplate {
	return types.LaunchTemplate{
		LaunchTemplateId: aws.String(r.ID), LaunchTemplateName: aws.String(r.Data.Name), CreateTime: aws.Time(r.CreatedAt),
		CreatedBy: aws.String(engine.PrincipalARN(c.Account, r.CreatedBy)), DefaultVersionNumber: aws.Int64(r.Data.Default),
		LatestVersionNumber: aws.Int64(r.Data.Latest), Tags: ec2api.Tags(c.VisibleTags(&r.Metadata)),
	}
}
