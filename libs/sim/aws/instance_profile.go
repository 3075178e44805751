package aws

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// instanceProfile hands a role to instances. EC2 does not know of it at once.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2_instance-profiles.html
type instanceProfile struct {
	Name, Path, Role string
	UsableAt         time.Time // by RunInstances, once it has a role
}

func (p instanceProfile) owner() string { return p.Role }
func (p instanceProfile) name() string  { return p.Name }
func (p instanceProfile) text(name func(id string) string) string {
	if p.Role == "" {
		return "without role"
	}
	return "for " + name(p.Role)
}

var instanceProfiles = register(kind[instanceProfile]{service: "IAM", name: "InstanceProfile", global: true})

func init() {
	handle("IAM", "CreateInstanceProfile", fields{"InstanceProfileName", "Path", "Tags"}, createInstanceProfile)
	handle("IAM", "GetInstanceProfile", fields{"InstanceProfileName"}, getInstanceProfile)
	handle("IAM", "DeleteInstanceProfile", fields{"InstanceProfileName"}, deleteInstanceProfile)
	handle("IAM", "AddRoleToInstanceProfile", fields{"InstanceProfileName", "RoleName"}, addRoleToInstanceProfile)
	handle("IAM", "RemoveRoleFromInstanceProfile", fields{"InstanceProfileName", "RoleName"}, removeRoleFromInstanceProfile)
	handle("IAM", "ListInstanceProfilesForRole", fields{"RoleName"}, listInstanceProfilesForRole)
}

// createInstanceProfile refuses a name that is taken, whatever its case.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateInstanceProfile.html
func createInstanceProfile(c *call, in *iam.CreateInstanceProfileInput) (*iam.CreateInstanceProfileOutput, error) {
	p := instanceProfile{Name: aws.ToString(in.InstanceProfileName), Path: cmp.Or(aws.ToString(in.Path), "/")}
	switch {
	case !iamName.MatchString(p.Name):
		return nil, validation("The specified value for instanceProfileName is invalid. It must have 1 to 128 characters of A-Z, a-z, 0-9 and +=,.@-_")
	case !iamPath.MatchString(p.Path):
		return nil, validation("The specified value for path is invalid. It must begin and end with /")
	case slices.ContainsFunc(instanceProfiles.list(c), func(o *row[instanceProfile]) bool { return strings.EqualFold(o.Data.Name, p.Name) }):
		return nil, refuse("EntityAlreadyExists", "Instance Profile %s already exists.", p.Name)
	}
	tags, err := c.iamTags(in.Tags)
	if err != nil {
		return nil, err
	}
	if err := c.full("InstanceProfilesPerAccount", len(instanceProfiles.list(c)), "LimitExceeded", "Cannot exceed quota for InstanceProfilesPerAccount"); err != nil {
		return nil, err
	}
	r := instanceProfiles.create(c, p.Name, p, tags)
	return &iam.CreateInstanceProfileOutput{InstanceProfile: new(c.showProfile(r))}, nil
}

// profileNamed finds a profile.
func (c *call) profileNamed(name *string) (*row[instanceProfile], error) {
	r, ok := instanceProfiles.in(c.w, instanceProfiles.scope(c)).byID[aws.ToString(name)]
	if !ok || !instanceProfiles.visible(c, r) {
		return nil, refuse("NoSuchEntity", "Instance Profile %s cannot be found.", aws.ToString(name))
	}
	return r, nil
}

// profilesOf are the profiles that a role is in.
func (c *call) profilesOf(role string) []*row[instanceProfile] { return instanceProfiles.of(c, role) }

func getInstanceProfile(c *call, in *iam.GetInstanceProfileInput) (*iam.GetInstanceProfileOutput, error) {
	r, err := c.profileNamed(in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	return &iam.GetInstanceProfileOutput{InstanceProfile: new(c.showProfile(r))}, nil
}

// deleteInstanceProfile refuses while it has a role. Running instances do not hinder it.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteInstanceProfile.html
func deleteInstanceProfile(c *call, in *iam.DeleteInstanceProfileInput) (*iam.DeleteInstanceProfileOutput, error) {
	r, err := c.profileNamed(in.InstanceProfileName)
	switch {
	case err != nil:
		return nil, err
	case r.Data.Role != "":
		return nil, refuse("DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.")
	}
	instanceProfiles.delete(c, r)
	return &iam.DeleteInstanceProfileOutput{}, nil
}

// addRoleToInstanceProfile takes one role and no more.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddRoleToInstanceProfile.html
func addRoleToInstanceProfile(c *call, in *iam.AddRoleToInstanceProfileInput) (*iam.AddRoleToInstanceProfileOutput, error) {
	r, err := c.profileNamed(in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	role, err := c.roleNamed(in.RoleName)
	switch {
	case err != nil:
		return nil, err
	case r.Data.Role != "":
		return nil, refuse("LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1")
	}
	delay := time.Duration(c.w.setting("profile-delay", -1))
	if delay < 0 {
		r.Data.UsableAt = c.now().Add(c.w.latency("InstanceProfile/usable", r.ID))
	} else {
		r.Data.UsableAt = c.now().Add(c.w.span(delay))
	}
	r.Data.Role = role.ID
	instanceProfiles.put(c, r)
	return &iam.AddRoleToInstanceProfileOutput{}, nil
}

func removeRoleFromInstanceProfile(c *call, in *iam.RemoveRoleFromInstanceProfileInput) (*iam.RemoveRoleFromInstanceProfileOutput, error) {
	r, err := c.profileNamed(in.InstanceProfileName)
	switch {
	case err != nil:
		return nil, err
	case r.Data.Role == "" || r.Data.Role != aws.ToString(in.RoleName):
		return nil, noEntity("role", aws.ToString(in.RoleName))
	}
	r.Data.Role = ""
	instanceProfiles.put(c, r)
	return &iam.RemoveRoleFromInstanceProfileOutput{}, nil
}

func listInstanceProfilesForRole(c *call, in *iam.ListInstanceProfilesForRoleInput) (*iam.ListInstanceProfilesForRoleOutput, error) {
	role, err := c.roleNamed(in.RoleName)
	if err != nil {
		return nil, err
	}
	out := &iam.ListInstanceProfilesForRoleOutput{}
	for _, r := range c.profilesOf(role.ID) {
		out.InstanceProfiles = append(out.InstanceProfiles, c.showProfile(r))
	}
	return out, nil
}

// usableProfile is the ARN of the profile that a launch names, if EC2 knows of it by now.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_iam-ec2.html
func (c *call) usableProfile(s *ec2types.LaunchTemplateIamInstanceProfileSpecificationRequest) (string, error) {
	if s == nil || s.Arn == nil && s.Name == nil {
		return "", nil
	}
	name, parameter := aws.ToString(s.Name), "name"
	if s.Arn != nil {
		name, parameter = (*s.Arn)[strings.LastIndex(*s.Arn, "/")+1:], "ARN"
	}
	r, ok := instanceProfiles.in(c.w, instanceProfiles.scope(c)).byID[name]
	switch {
	case !ok, r.Data.Role != "" && c.now().Before(r.Data.UsableAt):
		return "", refuse("InvalidParameterValue", "Value (%s) for parameter iamInstanceProfile.%s is invalid. Invalid IAM Instance Profile %s", name, strings.ToLower(parameter), parameter)
	case r.Data.Role == "":
		return "", refuse("InvalidParameterValue", "IAM Instance Profile %q has no associated IAM Roles", name)
	}
	return c.iamARN("instance-profile", r.Data.Path, r.Data.Name), nil
}

func (c *call) showProfile(r *row[instanceProfile]) types.InstanceProfile {
	shown := types.InstanceProfile{
		InstanceProfileName: aws.String(r.Data.Name), Path: aws.String(r.Data.Path), InstanceProfileId: aws.String(c.iamID("AIPA", r.Seq)),
		Arn: aws.String(c.iamARN("instance-profile", r.Data.Path, r.Data.Name)), CreateDate: aws.Time(r.CreatedAt), Tags: showIAMTags(r.Tags),
		Roles: []types.Role{},
	}
	if role, ok := roles.in(c.w, roles.scope(c)).byID[r.Data.Role]; ok {
		shown.Roles = append(shown.Roles, c.showRole(role))
	}
	return shown
}
