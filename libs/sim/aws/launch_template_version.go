package aws

import (
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// launchTemplateVersion is one version of a launch template. It never changes.
type launchTemplateVersion struct {
	Template      string
	Number        int64
	Description   string
	Specification specification
}

func (v launchTemplateVersion) owner() string { return v.Template }
func (v launchTemplateVersion) name() string  { return strconv.FormatInt(v.Number, 10) }
func (v launchTemplateVersion) text(name func(id string) string) string {
	return "of " + name(v.Template) + " for " + string(v.Specification.InstanceType)
}

var launchTemplateVersions = register(kind[launchTemplateVersion]{service: "EC2", name: "LaunchTemplateVersion"})

func init() {
	handle("EC2", "CreateLaunchTemplateVersion", fields{"LaunchTemplateData", "ClientToken", "LaunchTemplateId", "LaunchTemplateName", "SourceVersion", "VersionDescription"}, createLaunchTemplateVersion)
	handle("EC2", "DeleteLaunchTemplateVersions", fields{"LaunchTemplateId", "LaunchTemplateName", "Versions"}, deleteLaunchTemplateVersions)
	handle("EC2", "DescribeLaunchTemplateVersions", fields{"LaunchTemplateId", "LaunchTemplateName", "MaxResults", "NextToken", "Versions"}, describeLaunchTemplateVersions)
}

// checkSpecification checks what EC2 checks when a template is made: forms, not whether what it names exists.
func (c *call) checkSpecification(s *specification) error {
	c.guardSpecification(s)
	if _, err := c.launchTags(launch{specification: *s}); err != nil {
		return err
	}
	return checkUserData(s.UserData)
}

func (c *call) addVersion(r *row[launchTemplate], number int64, s *specification, description *string) *row[launchTemplateVersion] {
	return launchTemplateVersions.create(c, r.ID+"/"+strconv.FormatInt(number, 10), launchTemplateVersion{r.ID, number, aws.ToString(description), *s}, nil)
}

// createLaunchTemplateVersion adds a version, from scratch or from another one.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplateVersion.html
func createLaunchTemplateVersion(c *call, in *ec2.CreateLaunchTemplateVersionInput) (*ec2.CreateLaunchTemplateVersionOutput, error) {
	r, err := c.template(in.LaunchTemplateId, in.LaunchTemplateName)
	if err != nil {
		return nil, err
	}
	v, err := once(c, launchTemplateVersions, in.ClientToken, in, func() (*row[launchTemplateVersion], error) {
		if err := c.checkSpecification(in.LaunchTemplateData); err != nil {
			return nil, err
		}
		var s specification
		if in.SourceVersion != nil {
			source, err := c.version(r, *in.SourceVersion)
			if err != nil {
				return nil, err
			}
			s = source.Data.Specification
		}
		override(&s, *in.LaunchTemplateData)
		r.Data.Latest++
		launchTemplates.put(c, r)
		return c.addVersion(r, r.Data.Latest, &s, in.VersionDescription), nil
	})
	if err != nil {
		return nil, err
	}
	return &ec2.CreateLaunchTemplateVersionOutput{LaunchTemplateVersion: new(c.showVersion(r, v))}, nil
}

// version finds a version by number, "$Latest" or "$Default".
func (c *call) version(r *row[launchTemplate], text string) (*row[launchTemplateVersion], error) {
	number, err := strconv.ParseInt(text, 10, 64)
	switch {
	case text == "$Latest":
		number = r.Data.Latest
	case text == "$Default", text == "":
		number = r.Data.Default
	case err != nil:
		return nil, invalid("version", text)
	}
	versions := launchTemplateVersions.of(c, r.ID)
	i := slices.IndexFunc(versions, func(v *row[launchTemplateVersion]) bool { return v.Data.Number == number })
	if i < 0 {
		return nil, refuse("InvalidLaunchTemplateId.VersionNotFound", "Could not find launch template version %s of %s", text, r.ID)
	}
	return versions[i], nil
}

// templateVersion finds a version of a template.
func (c *call) templateVersion(id, name, version *string) (*row[launchTemplate], *row[launchTemplateVersion], error) {
	r, err := c.template(id, name)
	if err != nil {
		return nil, nil, err
	}
	v, err := c.version(r, aws.ToString(version))
	return r, v, err
}

// deleteLaunchTemplateVersions refuses the default version. What cannot be deleted is named in the answer, not an error.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteLaunchTemplateVersions.html
func deleteLaunchTemplateVersions(c *call, in *ec2.DeleteLaunchTemplateVersionsInput) (*ec2.DeleteLaunchTemplateVersionsOutput, error) {
	r, err := c.template(in.LaunchTemplateId, in.LaunchTemplateName)
	if err != nil {
		return nil, err
	}
	out := &ec2.DeleteLaunchTemplateVersionsOutput{}
	for _, text := range in.Versions {
		v, err := c.version(r, text)
		if err == nil && v.Data.Number == r.Data.Default {
			err = refuse("InvalidLaunchTemplateVersion", "Version %s is the default version of %s", text, r.ID)
		}
		number, _ := strconv.ParseInt(text, 10, 64) // zero when it is none, as in the answer of EC2
		if err != nil {
			out.UnsuccessfullyDeletedLaunchTemplateVersions = append(out.UnsuccessfullyDeletedLaunchTemplateVersions, types.DeleteLaunchTemplateVersionsResponseErrorItem{
				LaunchTemplateId: aws.String(r.ID), LaunchTemplateName: aws.String(r.Data.Name), VersionNumber: aws.Int64(number),
				ResponseError: &types.ResponseError{Code: types.LaunchTemplateErrorCodeUnexpectedError, Message: aws.String(err.Error())},
			})
			continue
		}
		launchTemplateVersions.delete(c, v)
		out.SuccessfullyDeletedLaunchTemplateVersions = append(out.SuccessfullyDeletedLaunchTemplateVersions, types.DeleteLaunchTemplateVersionsResponseSuccessItem{
			LaunchTemplateId: aws.String(r.ID), LaunchTemplateName: aws.String(r.Data.Name), VersionNumber: aws.Int64(v.Data.Number),
		})
	}
	return out, nil
}

func describeLaunchTemplateVersions(c *call, in *ec2.DescribeLaunchTemplateVersionsInput) (*ec2.DescribeLaunchTemplateVersionsOutput, error) {
	r, err := c.template(in.LaunchTemplateId, in.LaunchTemplateName)
	if err != nil {
		return nil, err
	}
	rows := launchTemplateVersions.of(c, r.ID)
	if len(in.Versions) > 0 {
		rows = nil
		for _, text := range in.Versions {
			v, err := c.version(r, text)
			if err != nil {
				return nil, err
			}
			rows = append(rows, v)
		}
	}
	shown, next, err := narrow(c, launchTemplateVersions, nil, rows, query{max: in.MaxResults, next: in.NextToken}, func(c *call, v *row[launchTemplateVersion]) types.LaunchTemplateVersion {
		return c.showVersion(r, v)
	})
	return &ec2.DescribeLaunchTemplateVersionsOutput{LaunchTemplateVersions: shown, NextToken: next}, err
}

func (c *call) showVersion(r *row[launchTemplate], v *row[launchTemplateVersion]) types.LaunchTemplateVersion {
	return types.LaunchTemplateVersion{
		LaunchTemplateId: aws.String(r.ID), LaunchTemplateName: aws.String(r.Data.Name), CreateTime: aws.Time(v.CreatedAt),
		CreatedBy: aws.String(principalARN(c.Account, v.CreatedBy)), DefaultVersion: aws.Bool(v.Data.Number == r.Data.Default),
		VersionNumber: aws.Int64(v.Data.Number), VersionDescription: optional(v.Data.Description),
		LaunchTemplateData: new(convert[types.ResponseLaunchTemplateData](v.Data.Specification)),
	}
}
