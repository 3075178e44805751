package instance

import (
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/ec2api"
	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// LaunchTemplateVersion is one version of a launch template. It is immutable.
type LaunchTemplateVersion struct {
	Template      string
	Number        int64
	Description   string
	Specification Specification
}

// Owner implements engine.Attributes.
func (v LaunchTemplateVersion) Owner() string { return v.Template }

// DisplayName implements engine.Named.
func (v LaunchTemplateVersion) DisplayName() string { return strconv.FormatInt(v.Number, 10) }

// Summary implements engine.Attributes.
func (v LaunchTemplateVersion) Summary(name func(id string) string) string {
	return "of " + name(v.Template) + " for " + string(v.Specification.InstanceType)
}

var launchTemplateVersions = engine.NewType[LaunchTemplateVersion](engine.Type{Service: "EC2", Name: "LaunchTemplateVersion"})

func handleLaunchTemplateVersion(s *engine.Service) {
	engine.Handle(s, "CreateLaunchTemplateVersion", engine.Fields{"LaunchTemplateData", "ClientToken", "LaunchTemplateId", "LaunchTemplateName", "SourceVersion", "VersionDescription"}, createLaunchTemplateVersion)
	engine.Handle(s, "DeleteLaunchTemplateVersions", engine.Fields{"LaunchTemplateId", "LaunchTemplateName", "Versions"}, deleteLaunchTemplateVersions)
	engine.Handle(s, "DescribeLaunchTemplateVersions", engine.Fields{"LaunchTemplateId", "LaunchTemplateName", "MaxResults", "NextToken", "Versions"}, describeLaunchTemplateVersions)
}

// checkSpecification makes the checks of EC2 when a template is created: on the form of the input, not on the existence
// of the resources that it names.
func checkSpecification(c *engine.Call, s *Specification) error {
	guardSpecification(c, s)
	if _, err := launchTags(c, LaunchRequest{Specification: *s}); err != nil {
		return err
	}
	return checkUserData(s.UserData)
}

func addVersion(c *engine.Call, r *engine.Resource[LaunchTemplate], number int64, s *Specification, description *string) *engine.Resource[LaunchTemplateVersion] {
	return launchTemplateVersions.Create(c, r.ID+"/"+strconv.FormatInt(number, 10), LaunchTemplateVersion{r.ID, number, aws.ToString(description), *s}, nil)
}

// createLaunchTemplateVersion adds a version, which is based on SourceVersion if that is set.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplateVersion.html
func createLaunchTemplateVersion(c *engine.Call, in *ec2.CreateLaunchTemplateVersionInput) (*ec2.CreateLaunchTemplateVersionOutput, error) {
	r, err := findTemplate(c, in.LaunchTemplateId, in.LaunchTemplateName)
	if err != nil {
		return nil, err
	}
	v, err := ec2api.Once(c, launchTemplateVersions, in.ClientToken, in, func() (*engine.Resource[LaunchTemplateVersion], error) {
		if err := checkSpecification(c, in.LaunchTemplateData); err != nil {
			return nil, err
		}
		var s Specification
		if in.SourceVersion != nil {
			source, err := findVersion(c, r, *in.SourceVersion)
			if err != nil {
				return nil, err
			}
			s = source.Data.Specification
		}
		override(&s, *in.LaunchTemplateData)
		r.Data.Latest++
		LaunchTemplates.Put(c, r)
		return addVersion(c, r, r.Data.Latest, &s, in.VersionDescription), nil
	})
	if err != nil {
		return nil, err
	}
	return &ec2.CreateLaunchTemplateVersionOutput{LaunchTemplateVersion: new(showVersion(c, r, v))}, nil
}

// findVersion finds a version by number, "$Latest" or "$Default".
func findVersion(c *engine.Call, r *engine.Resource[LaunchTemplate], text string) (*engine.Resource[LaunchTemplateVersion], error) {
	number, err := strconv.ParseInt(text, 10, 64)
	switch {
	case text == "$Latest":
		number = r.Data.Latest
	case text == "$Default", text == "":
		number = r.Data.Default
	case err != nil:
		return nil, engine.InvalidParameter("version", text)
	}
	versions := launchTemplateVersions.OwnedBy(c, r.ID)
	i := slices.IndexFunc(versions, func(v *engine.Resource[LaunchTemplateVersion]) bool { return v.Data.Number == number })
	if i < 0 {
		return nil, engine.Refuse("InvalidLaunchTemplateId.VersionNotFound", "Could not find launch template version %s of %s", text, r.ID)
	}
	return versions[i], nil
}

// FindTemplateVersion finds a launch template by id or name, and a version of it.
func FindTemplateVersion(c *engine.Call, id, name, version *string) (*engine.Resource[LaunchTemplate], *engine.Resource[LaunchTemplateVersion], error) {
	r, err := findTemplate(c, id, name)
	if err != nil {
		return nil, nil, err
	}
	v, err := findVersion(c, r, aws.ToString(version))
	return r, v, err
}

// deleteLaunchTemplateVersions refuses the default version. The output lists the versions that it could not delete; the
// call succeeds nevertheless, as in AWS.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteLaunchTemplateVersions.html
func deleteLaunchTemplateVersions(c *engine.Call, in *ec2.DeleteLaunchTemplateVersionsInput) (*ec2.DeleteLaunchTemplateVersionsOutput, error) {
	r, err := findTemplate(c, in.LaunchTemplateId, in.LaunchTemplateName)
	if err != nil {
		return nil, err
	}
	out := &ec2.DeleteLaunchTemplateVersionsOutput{}
	for _, text := range in.Versions {
		v, err := findVersion(c, r, text)
		if err == nil && v.Data.Number == r.Data.Default {
			err = engine.Refuse("InvalidLaunchTemplateVersion", "Version %s is the default version of %s", text, r.ID)
		}
		number, _ := strconv.ParseInt(text, 10, 64) // EC2 also returns zero for text that is no number
		if err != nil {
			out.UnsuccessfullyDeletedLaunchTemplateVersions = append(out.UnsuccessfullyDeletedLaunchTemplateVersions, types.DeleteLaunchTemplateVersionsResponseErrorItem{
				LaunchTemplateId: aws.String(r.ID), LaunchTemplateName: aws.String(r.Data.Name), VersionNumber: aws.Int64(number),
				ResponseError: &types.ResponseError{Code: types.LaunchTemplateErrorCodeUnexpectedError, Message: aws.String(err.Error())},
			})
			continue
		}
		launchTemplateVersions.Delete(c, v)
		out.SuccessfullyDeletedLaunchTemplateVersions = append(out.SuccessfullyDeletedLaunchTemplateVersions, types.DeleteLaunchTemplateVersionsResponseSuccessItem{
			LaunchTemplateId: aws.String(r.ID), LaunchTemplateName: aws.String(r.Data.Name), VersionNumber: aws.Int64(v.Data.Number),
		})
	}
	return out, nil
}

func describeLaunchTemplateVersions(c *engine.Call, in *ec2.DescribeLaunchTemplateVersionsInput) (*ec2.DescribeLaunchTemplateVersionsOutput, error) {
	r, err := findTemplate(c, in.LaunchTemplateId, in.LaunchTemplateName)
	if err != nil {
		return nil, err
	}
	resources := launchTemplateVersions.OwnedBy(c, r.ID)
	if len(in.Versions) > 0 {
		resources = nil
		for _, text := range in.Versions {
			v, err := findVersion(c, r, text)
			if err != nil {
				return nil, err
			}
			resources = append(resources, v)
		}
	}
	shown, next, err := ec2api.Select(c, launchTemplateVersions, nil, resources, ec2api.Query{Max: in.MaxResults, Next: in.NextToken}, func(c *engine.Call, v *engine.Resource[LaunchTemplateVersion]) types.LaunchTemplateVersion {
		return showVersion(c, r, v)
	})
	return &ec2.DescribeLaunchTemplateVersionsOutput{LaunchTemplateVersions: shown, NextToken: next}, err
}

func showVersion(c *engine.Call, r *engine.Resource[LaunchTemplate], v *engine.Resource[LaunchTemplateVersion]) types.LaunchTemplateVersion {
	return types.LaunchTemplateVersion{
		LaunchTemplateId: aws.String(r.ID), LaunchTemplateName: aws.String(r.Data.Name), CreateTime: aws.Time(v.CreatedAt),
		CreatedBy: aws.String(engine.PrincipalARN(c.Account, v.CreatedBy)), DefaultVersion: aws.Bool(v.Data.Number == r.Data.Default),
		VersionNumber: aws.Int64(v.Data.Number), VersionDescription: engine.Optional(v.Data.Description),
		LaunchTemplateData: new(engine.Convert[types.ResponseLaunchTemplateData](v.Data.Specification)),
	}
}
