package aws

import (
	"fmt"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// launchTemplate is a named list of versions of what instances are launched from.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/launch-templates.html
type launchTemplate struct {
	Name            string
	Default, Latest int64 // numbers of versions
}

func (t launchTemplate) owner() string { return "" }
func (t launchTemplate) name() string  { return t.Name }
func (t launchTemplate) text(func(id string) string) string {
	return fmt.Sprintf("%s at version %d", t.Name, t.Default)
}

var launchTemplates = register(kind[launchTemplate]{
	service: "EC2", name: "LaunchTemplate", noun: "launch template", prefix: "lt", tagged: "launch-template",
	missing: "InvalidLaunchTemplateId.NotFound", malformed: "InvalidLaunchTemplateId.Malformed",
})

var launchTemplateFilters = filters[launchTemplate]{
	"launch-template-name": one(func(t launchTemplate) string { return t.Name }),
}

var templateName = regexp.MustCompile(`^[a-zA-Z0-9().\-/_]{3,128}$`)

func init() {
	handle("EC2", "CreateLaunchTemplate", fields{"LaunchTemplateData", "LaunchTemplateName", "ClientToken", "TagSpecifications", "VersionDescription"}, createLaunchTemplate)
	handle("EC2", "ModifyLaunchTemplate", fields{"ClientToken", "DefaultVersion", "LaunchTemplateId", "LaunchTemplateName"}, modifyLaunchTemplate)
	handle("EC2", "DeleteLaunchTemplate", fields{"LaunchTemplateId", "LaunchTemplateName"}, deleteLaunchTemplate)
	handle("EC2", "DescribeLaunchTemplates", fields{"Filters", "LaunchTemplateIds", "LaunchTemplateNames", "MaxResults", "NextToken"}, describeLaunchTemplates)
}

// createLaunchTemplate refuses a name that is taken.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplate.html
func createLaunchTemplate(c *call, in *ec2.CreateLaunchTemplateInput) (*ec2.CreateLaunchTemplateOutput, error) {
	r, err := once(c, launchTemplates, in.ClientToken, in, func() (*row[launchTemplate], error) {
		name := aws.ToString(in.LaunchTemplateName)
		if !templateName.MatchString(name) {
			return nil, refuse("InvalidLaunchTemplateName.MalformedException", "Launch template name %q is malformed", name)
		}
		if taken, err := c.template(nil, in.LaunchTemplateName); err == nil {
			return nil, refuse("InvalidLaunchTemplateName.AlreadyExistsException", "Launch template name already in use (%s).", taken.ID)
		}
		tags, err := c.tagsOn(in.TagSpecifications, launchTemplates.tagged)
		if err != nil {
			return nil, err
		}
		if err := c.checkSpecification(in.LaunchTemplateData); err != nil {
			return nil, err
		}
		if err := c.full("LaunchTemplatesPerRegion", len(launchTemplates.list(c)), "LaunchTemplateLimitExceeded", "The maximum number of launch templates has been reached."); err != nil {
			return nil, err
		}
		r := launchTemplates.create(c, "", launchTemplate{name, 1, 1}, tags)
		c.addVersion(r, 1, in.LaunchTemplateData, in.VersionDescription)
		return r, nil
	})
	if err != nil {
		return nil, err
	}
	return &ec2.CreateLaunchTemplateOutput{LaunchTemplate: new(showLaunchTemplate(c, r))}, nil
}

// template finds a launch template by id or name; exactly one is given.
func (c *call) template(id, name *string) (*row[launchTemplate], error) {
	switch {
	case id != nil && name != nil:
		return nil, refuse("InvalidParameterCombination", "The parameters LaunchTemplateId and LaunchTemplateName cannot be used together")
	case id != nil:
		return launchTemplates.get(c, id)
	case name == nil:
		return nil, missing("LaunchTemplateId or LaunchTemplateName")
	}
	for _, r := range launchTemplates.list(c) {
		if r.Data.Name == *name {
			return r, nil
		}
	}
	return nil, refuse("InvalidLaunchTemplateName.NotFoundException", "The specified launch template, with template name %s, does not exist.", *name)
}

func modifyLaunchTemplate(c *call, in *ec2.ModifyLaunchTemplateInput) (*ec2.ModifyLaunchTemplateOutput, error) {
	r, err := c.template(in.LaunchTemplateId, in.LaunchTemplateName)
	if err != nil {
		return nil, err
	}
	if in.DefaultVersion == nil {
		return nil, missing("SetDefaultVersion")
	}
	v, err := c.version(r, *in.DefaultVersion)
	if err != nil {
		return nil, err
	}
	r.Data.Default = v.Data.Number
	launchTemplates.put(c, r)
	return &ec2.ModifyLaunchTemplateOutput{LaunchTemplate: new(showLaunchTemplate(c, r))}, nil
}

// deleteLaunchTemplate takes all versions along. Nothing prevents it, not even an Auto Scaling group that uses it.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteLaunchTemplate.html
func deleteLaunchTemplate(c *call, in *ec2.DeleteLaunchTemplateInput) (*ec2.DeleteLaunchTemplateOutput, error) {
	r, err := c.template(in.LaunchTemplateId, in.LaunchTemplateName)
	if err != nil {
		return nil, err
	}
	for _, v := range launchTemplateVersions.of(c, r.ID) {
		launchTemplateVersions.delete(c, v)
	}
	launchTemplates.delete(c, r)
	return &ec2.DeleteLaunchTemplateOutput{LaunchTemplate: new(showLaunchTemplate(c, r))}, nil
}

func describeLaunchTemplates(c *call, in *ec2.DescribeLaunchTemplatesInput) (*ec2.DescribeLaunchTemplatesOutput, error) {
	q := query{in.LaunchTemplateIds, in.Filters, in.MaxResults, in.NextToken}
	rows, err := asked(c, launchTemplates, q)
	if err != nil {
		return nil, err
	}
	if len(in.LaunchTemplateNames) > 0 {
		rows = nil
		for _, name := range in.LaunchTemplateNames {
			r, err := c.template(nil, &name)
			if err != nil {
				return nil, err
			}
			rows = append(rows, r)
		}
	}
	shown, next, err := narrow(c, launchTemplates, launchTemplateFilters, rows, q, showLaunchTemplate)
	return &ec2.DescribeLaunchTemplatesOutput{LaunchTemplates: shown, NextToken: next}, err
}

func showLaunchTemplate(c *call, r *row[launchTemplate]) types.LaunchTemplate {
	return types.LaunchTemplate{
		LaunchTemplateId: aws.String(r.ID), LaunchTemplateName: aws.String(r.Data.Name), CreateTime: aws.Time(r.CreatedAt),
		CreatedBy: aws.String(principalARN(c.Account, r.CreatedBy)), DefaultVersionNumber: aws.Int64(r.Data.Default),
		LatestVersionNumber: aws.Int64(r.Data.Latest), Tags: ec2Tags(c.shown(&r.meta)),
	}
}
