package iam

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// role is an identity in an account. The simulation stores and shows its policies, and does not evaluate them.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html
type role struct {
	Name, Path, Description string
	Trust                   string
	Boundary                string // ARN
	MaxSession              int32
	Policies                map[string]string // inline, by name
	Attached                []string          // ARNs
}

// Owner implements engine.Attributes.
func (r role) Owner() string { return "" }

// DisplayName implements engine.Named.
func (r role) DisplayName() string { return r.Name }

// Summary implements engine.Attributes.
func (r role) Summary(func(id string) string) string {
	parts := append(slices.Sorted(maps.Keys(r.Policies)), r.Attached...)
	return strings.TrimSpace(r.Path + " " + strings.Join(parts, " "))
}

var roles = engine.NewType[role](engine.Type{Service: "IAM", Name: "Role", Global: true})

func handleRole(s *engine.Service) {
	engine.Handle(s, "CreateRole", engine.Fields{"AssumeRolePolicyDocument", "RoleName", "Description", "MaxSessionDuration", "Path", "PermissionsBoundary", "Tags"}, createRole)
	engine.Handle(s, "GetRole", engine.Fields{"RoleName"}, getRole)
	engine.Handle(s, "ListRoles", engine.Fields{"Marker", "MaxItems", "PathPrefix"}, listRoles)
	engine.Handle(s, "DeleteRole", engine.Fields{"RoleName"}, deleteRole)
	engine.Handle(s, "UpdateAssumeRolePolicy", engine.Fields{"PolicyDocument", "RoleName"}, updateAssumeRolePolicy)
}

var (
	iamName = regexp.MustCompile(`^[\w+=,.@-]{1,128}$`)
	iamPath = regexp.MustCompile(`^/([!-~]+/)*$`)
)

// The largest sizes of policies, in characters without white space.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const (
	trustLimit  = 2048
	policyLimit = 10240 // all inline policies of a role together
)

// noEntity is the error for an entity that does not exist.
// https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
func noEntity(noun, name string) error {
	return engine.Refuse("NoSuchEntity", "The %s with name %s cannot be found.", noun, name)
}

// checkPolicy refuses text that is no policy document.
func checkPolicy(text string) error {
	var policy struct {
		Version   string
		Statement json.RawMessage
	}
	if err := json.Unmarshal([]byte(text), &policy); err != nil || len(policy.Statement) == 0 {
		return engine.Refuse("MalformedPolicyDocument", "This policy contains invalid Json")
	}
	return nil
}

// policySize returns the size of a document as IAM counts it.
func policySize(text string) int { return len(strings.Join(strings.Fields(text), "")) }

// createRole refuses a name that is in use. Case does not matter.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
func createRole(c *engine.Call, in *iam.CreateRoleInput) (*iam.CreateRoleOutput, error) {
	r := role{
		Name: aws.ToString(in.RoleName), Path: cmp.Or(aws.ToString(in.Path), "/"), Description: aws.ToString(in.Description),
		Trust: aws.ToString(in.AssumeRolePolicyDocument), Boundary: aws.ToString(in.PermissionsBoundary),
		MaxSession: cmp.Or(aws.ToInt32(in.MaxSessionDuration), 3600), Policies: map[string]string{},
	}
	switch {
	case !iamName.MatchString(r.Name) || len(r.Name) > 64:
		return nil, engine.ValidationError("The specified value for roleName is invalid. It must have 1 to 64 characters of A-Z, a-z, 0-9 and +=,.@-_")
	case !iamPath.MatchString(r.Path):
		return nil, engine.ValidationError("The specified value for path is invalid. It must begin and end with /")
	case r.MaxSession < 3600 || r.MaxSession > 43200:
		return nil, engine.ValidationError("The requested MaxSessionDuration has to be between 3600 and 43200")
	case policySize(r.Trust) > trustLimit:
		return nil, engine.Refuse("LimitExceeded", "Cannot exceed quota for ACLSizePerRole: %d", trustLimit)
	case slices.ContainsFunc(roles.List(c), func(o *engine.Resource[role]) bool { return strings.EqualFold(o.Data.Name, r.Name) }):
		return nil, engine.Refuse("EntityAlreadyExists", "Role with name %s already exists.", r.Name)
	}
	if err := checkPolicy(r.Trust); err != nil {
		return nil, err
	}
	tags, err := readTags(c, in.Tags)
	if err != nil {
		return nil, err
	}
	if err := c.CheckQuota("RolesPerAccount", len(roles.List(c)), "LimitExceeded", "Cannot exceed quota for RolesPerAccount"); err != nil {
		return nil, err
	}
	return &iam.CreateRoleOutput{Role: new(showRole(c, roles.Create(c, r.Name, r, tags)))}, nil
}

// readTags returns the tags of a request.
func readTags(c *engine.Call, list []types.Tag) (map[string]string, error) {
	tags := map[string]string{}
	for _, tag := range list {
		tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	if err := c.CheckTags(tags); err != nil {
		return nil, engine.Refuse("InvalidInput", "%v", err)
	}
	return tags, nil
}

func tagList(tags map[string]string) (shown []types.Tag) {
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		shown = append(shown, types.Tag{Key: aws.String(key), Value: aws.String(tags[key])})
	}
	return shown
}

// findRole finds a role by name.
func findRole(c *engine.Call, name *string) (*engine.Resource[role], error) {
	r, ok := roles.Visible(c, aws.ToString(name))
	if !ok {
		return nil, noEntity("role", aws.ToString(name))
	}
	return r, nil
}

func getRole(c *engine.Call, in *iam.GetRoleInput) (*iam.GetRoleOutput, error) {
	r, err := findRole(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	return &iam.GetRoleOutput{Role: new(showRole(c, r))}, nil
}

// listRoles omits tags and permissions boundaries, as AWS does.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html
func listRoles(c *engine.Call, in *iam.ListRolesInput) (*iam.ListRolesOutput, error) {
	resources := slices.DeleteFunc(roles.List(c), func(r *engine.Resource[role]) bool {
		return !strings.HasPrefix(r.Data.Path, aws.ToString(in.PathPrefix))
	})
	resources, next, err := engine.Page(resources, in.MaxItems, 1000, in.Marker)
	if err != nil {
		return nil, err
	}
	out := &iam.ListRolesOutput{IsTruncated: next != nil, Marker: next}
	for _, r := range resources {
		shown := showRole(c, r)
		shown.Tags, shown.PermissionsBoundary = nil, nil
		out.Roles = append(out.Roles, shown)
	}
	return out, nil
}

// deleteRole refuses while the role has policies or is in an instance profile.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html
func deleteRole(c *engine.Call, in *iam.DeleteRoleInput) (*iam.DeleteRoleOutput, error) {
	r, err := findRole(c, in.RoleName)
	switch {
	case err != nil:
		return nil, err
	case len(r.Data.Attached) > 0:
		return nil, engine.Refuse("DeleteConflict", "Cannot delete entity, must detach all policies first.")
	case len(r.Data.Policies) > 0:
		return nil, engine.Refuse("DeleteConflict", "Cannot delete entity, must delete policies first.")
	case len(profilesOf(c, r.ID)) > 0:
		return nil, engine.Refuse("DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.")
	}
	roles.Delete(c, r)
	return &iam.DeleteRoleOutput{}, nil
}

func updateAssumeRolePolicy(c *engine.Call, in *iam.UpdateAssumeRolePolicyInput) (*iam.UpdateAssumeRolePolicyOutput, error) {
	r, err := findRole(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	if err := checkPolicy(aws.ToString(in.PolicyDocument)); err != nil {
		return nil, err
	}
	r.Data.Trust = *in.PolicyDocument
	roles.Put(c, r)
	return &iam.UpdateAssumeRolePolicyOutput{}, nil
}

func showRole(c *engine.Call, r *engine.Resource[role]) types.Role {
	shown := types.Role{
		RoleName: aws.String(r.Data.Name), Path: aws.String(r.Data.Path), RoleId: aws.String(UniqueID(c, "AROA", r.Seq)),
		Arn: aws.String(arnOf(c, "role", r.Data.Path, r.Data.Name)), CreateDate: aws.Time(r.CreatedAt), Description: engine.Optional(r.Data.Description),
		AssumeRolePolicyDocument: aws.String(url.QueryEscape(r.Data.Trust)), MaxSessionDuration: aws.Int32(r.Data.MaxSession), Tags: tagList(r.Tags),
	}
	if r.Data.Boundary != "" {
		shown.PermissionsBoundary = &types.AttachedPermissionsBoundary{
			PermissionsBoundaryArn: aws.String(r.Data.Boundary), PermissionsBoundaryType: types.PermissionsBoundaryAttachmentTypePolicy,
		}
	}
	return shown
}

// arnOf returns the ARN of a role or an instance profile.
func arnOf(c *engine.Call, sort, path, name string) string {
	return "arn:aws:iam::" + c.Account + ":" + sort + path + name
}

// UniqueID returns the id that distinguishes an identity from an earlier one with the same name.
func UniqueID(c *engine.Call, prefix string, seq uint64) string {
	id := c.UUID("iam", seq)
	return prefix + strings.ToUpper(strings.ReplaceAll(id.String(), "-", ""))[:17]
}
