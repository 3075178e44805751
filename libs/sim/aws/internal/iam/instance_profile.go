package iam

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/skep-dev/skep/libs/aws/latency"
	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// instanceProfile gives a role to instances. EC2 knows a new one only after some seconds.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2_instance-profiles.html
type instanceProfile struct {
	Name, Path, Role string
	UsableAt         time.Time // when EC2 knows it, if it has a role
}

// Owner implements engine.Attributes.
func (p instanceProfile) Owner() string { return p.Role }

// DisplayName implements engine.Named.
func (p instanceProfile) DisplayName() string { return p.Name }

// Summary implements engine.Attributes.
func (p instanceProfile) Summary(name func(id string) string) string {
	if p.Role == "" {
		return "without role"
	}
	return "for " + name(p.Role)
}

var instanceProfiles = engine.NewType[instanceProfile](engine.Type{Service: "IAM", Name: "InstanceProfile", Global: true})

func handleInstanceProfile(s *engine.Service) {
	engine.Handle(s, "CreateInstanceProfile", engine.Fields{"InstanceProfileName", "Path", "Tags"}, createInstanceProfile)
	engine.Handle(s, "GetInstanceProfile", engine.Fields{"InstanceProfileName"}, getInstanceProfile)
	engine.Handle(s, "DeleteInstanceProfile", engine.Fields{"InstanceProfileName"}, deleteInstanceProfile)
	engine.Handle(s, "AddRoleToInstanceProfile", engine.Fields{"InstanceProfileName", "RoleName"}, addRoleToInstanceProfile)
	engine.Handle(s, "RemoveRoleFromInstanceProfile", engine.Fields{"InstanceProfileName", "RoleName"}, removeRoleFromInstanceProfile)
	engine.Handle(s, "ListInstanceProfilesForRole", engine.Fields{"RoleName"}, listInstanceProfilesForRole)
}

// createInstanceProfile refuses a name that is in use. Case does not matter.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateInstanceProfile.html
func createInstanceProfile(c *engine.Call, in *iam.CreateInstanceProfileInput) (*iam.CreateInstanceProfileOutput, error) {
	p := instanceProfile{Name: aws.ToString(in.InstanceProfileName), Path: cmp.Or(aws.ToString(in.Path), "/")}
	switch {
	case !iamName.MatchString(p.Name):
		return nil, engine.ValidationError("The specified value for instanceProfileName is invalid. It must have 1 to 128 characters of A-Z, a-z, 0-9 and +=,.@-_")
	case !iamPath.MatchString(p.Path):
		return nil, engine.ValidationError("The specified value for path is invalid. It must begin and end with /")
	case slices.ContainsFunc(instanceProfiles.List(c), func(o *engine.Resource[instanceProfile]) bool { return strings.EqualFold(o.Data.Name, p.Name) }):
		return nil, engine.Refuse("EntityAlreadyExists", "Instance Profile %s already exists.", p.Name)
	}
	tags, err := readTags(c, in.Tags)
	if err != nil {
		return nil, err
	}
	if err := c.CheckQuota("InstanceProfilesPerAccount", len(instanceProfiles.List(c)), "LimitExceeded", "Cannot exceed quota for InstanceProfilesPerAccount"); err != nil {
		return nil, err
	}
	r := instanceProfiles.Create(c, p.Name, p, tags)
	return &iam.CreateInstanceProfileOutput{InstanceProfile: new(showProfile(c, r))}, nil
}

// findProfile finds a profile by name.
func findProfile(c *engine.Call, name *string) (*engine.Resource[instanceProfile], error) {
	r, ok := instanceProfiles.Visible(c, aws.ToString(name))
	if !ok {
		return nil, engine.Refuse("NoSuchEntity", "Instance Profile %s cannot be found.", aws.ToString(name))
	}
	return r, nil
}

// profilesOf returns the profiles that contain a role.
func profilesOf(c *engine.Call, role string) []*engine.Resource[instanceProfile] {
	return instanceProfiles.OwnedBy(c, role)
}

func getInstanceProfile(c *engine.Call, in *iam.GetInstanceProfileInput) (*iam.GetInstanceProfileOutput, error) {
	r, err := findProfile(c, in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	return &iam.GetInstanceProfileOutput{InstanceProfile: new(showProfile(c, r))}, nil
}

// deleteInstanceProfile refuses while the profile has a role. It succeeds while instances use the profile.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteInstanceProfile.html
func deleteInstanceProfile(c *engine.Call, in *iam.DeleteInstanceProfileInput) (*iam.DeleteInstanceProfileOutput, error) {
	r, err := findProfile(c, in.InstanceProfileName)
	switch {
	case err != nil:
		return nil, err
	case r.Data.Role != "":
		return nil, engine.Refuse("DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.")
	}
	instanceProfiles.Delete(c, r)
	return &iam.DeleteInstanceProfileOutput{}, nil
}

// addRoleToInstanceProfile refuses a second role.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddRoleToInstanceProfile.html
func addRoleToInstanceProfile(c *engine.Call, in *iam.AddRoleToInstanceProfileInput) (*iam.AddRoleToInstanceProfileOutput, error) {
	r, err := findProfile(c, in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	role, err := findRole(c, in.RoleName)
	switch {
	case err != nil:
		return nil, err
	case r.Data.Role != "":
		return nil, engine.Refuse("LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1")
	}
	delay := time.Duration(c.Setting(profileDelay, -1))
	if delay < 0 {
		r.Data.UsableAt = c.After(latency.InstanceProfileUsable, r.ID)
	} else {
		r.Data.UsableAt = c.Now().Add(c.Scaled(delay))
	}
	r.Data.Role = role.ID
	instanceProfiles.Put(c, r)
	return &iam.AddRoleToInstanceProfileOutput{}, nil
}

func removeRoleFromInstanceProfile(c *engine.Call, in *iam.RemoveRoleFromInstanceProfileInput) (*iam.RemoveRoleFromInstanceProfileOutput, error) {
	r, err := findProfile(c, in.InstanceProfileName)
	switch {
	case err != nil:
		return nil, err
	case r.Data.Role == "" || r.Data.Role != aws.ToString(in.RoleName):
		return nil, noEntity("role", aws.ToString(in.RoleName))
	}
	r.Data.Role = ""
	instanceProfiles.Put(c, r)
	return &iam.RemoveRoleFromInstanceProfileOutput{}, nil
}

func listInstanceProfilesForRole(c *engine.Call, in *iam.ListInstanceProfilesForRoleInput) (*iam.ListInstanceProfilesForRoleOutput, error) {
	role, err := findRole(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	out := &iam.ListInstanceProfilesForRoleOutput{}
	for _, r := range profilesOf(c, role.ID) {
		out.InstanceProfiles = append(out.InstanceProfiles, showProfile(c, r))
	}
	return out, nil
}

// profileDelay is the setting that replaces the latency until EC2 knows a new profile, in nanoseconds.
const profileDelay = "profile-delay"

// SetProfileDelay sets how long EC2 does not know a new instance profile, unscaled.
func SetProfileDelay(c *engine.Call, delay time.Duration) { c.Set(profileDelay, int64(delay)) }

// UsableProfile returns the ARN of the profile that a launch names. It refuses a profile that EC2 does not know yet.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_iam-ec2.html
func UsableProfile(c *engine.Call, s *ec2types.LaunchTemplateIamInstanceProfileSpecificationRequest) (string, error) {
	if s == nil || s.Arn == nil && s.Name == nil {
		return "", nil
	}
	name, parameter := aws.ToString(s.Name), "name"
	if s.Arn != nil {
		name, parameter = (*s.Arn)[strings.LastIndex(*s.Arn, "/")+1:], "ARN"
	}
	r, ok := instanceProfiles.Find(c, name)
	switch {
	case !ok, r.Data.Role != "" && c.Now().Before(r.Data.UsableAt):
		return "", engine.Refuse("InvalidParameterValue", "Value (%s) for parameter iamInstanceProfile.%s is invalid. Invalid IAM Instance Profile %s", name, strings.ToLower(parameter), parameter)
	case r.Data.Role == "":
		return "", engine.Refuse("InvalidParameterValue", "IAM Instance Profile %q has no associated IAM Roles", name)
	}
	return arnOf(c, "instance-profile", r.Data.Path, r.Data.Name), nil
}

func showProfile(c *engine.Call, r *engine.Resource[instanceProfile]) types.InstanceProfile {
	shown := types.InstanceProfile{
		InstanceProfileName: aws.String(r.Data.Name), Path: aws.String(r.Data.Path), InstanceProfileId: aws.String(UniqueID(c, "AIPA", r.Seq)),
		Arn: aws.String(arnOf(c, "instance-profile", r.Data.Path, r.Data.Name)), CreateDate: aws.Time(r.CreatedAt), Tags: tagList(r.Tags),
		Roles: []types.Role{},
	}
	if role, ok := roles.Find(c, r.Data.Role); ok {
		shown.Roles = append(shown.Roles, showRole(c, role))
	}
	return shown
}
