package aws_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/stretchr/testify/require"

	awssim "github.com/skep-dev/skep/libs/sim/aws"
)

const (
	trust  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	policy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:Describe*","Resource":"*"}]}`
)

// createProfile creates a role and an instance profile with it.
func createProfile(t *testing.T, c *iam.Client, name string) {
	t.Helper()
	_, err := c.CreateRole(t.Context(), &iam.CreateRoleInput{
		RoleName: &name, AssumeRolePolicyDocument: aws.String(trust), Path: aws.String("/skep/"), PermissionsBoundary: aws.String("arn:aws:iam::aws:policy/PowerUserAccess"),
		Tags: []types.Tag{{Key: aws.String("tier"), Value: aws.String("gold")}},
	})
	require.NoError(t, err)
	_, err = c.CreateInstanceProfile(t.Context(), &iam.CreateInstanceProfileInput{InstanceProfileName: &name, Path: aws.String("/skep/")})
	require.NoError(t, err)
	_, err = c.AddRoleToInstanceProfile(t.Context(), &iam.AddRoleToInstanceProfileInput{InstanceProfileName: &name, RoleName: &name})
	require.NoError(t, err)
}

func TestARoleIsCreatedAndDeletedInOrder(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, _ *ec2.Client) {
		ctx := t.Context()
		c := iam.NewFromConfig(w.Config(account, region))
		name := aws.String("orchid-nodes")
		createProfile(t, c, *name)
		_, err := c.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: name, PolicyName: aws.String("nodes"), PolicyDocument: aws.String(policy)})
		require.NoError(t, err)
		arn := aws.String("arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore")
		for range 2 {
			_, err = c.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: name, PolicyArn: arn})
			require.NoError(t, err)
		}

		role, err := c.GetRole(ctx, &iam.GetRoleInput{RoleName: name})
		require.NoError(t, err)
		require.Equal(t, "arn:aws:iam::111122223333:role/skep/orchid-nodes", *role.Role.Arn)
		document, err := url.QueryUnescape(*role.Role.AssumeRolePolicyDocument)
		require.NoError(t, err)
		require.JSONEq(t, trust, document)
		inline, err := c.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: name, PolicyName: aws.String("nodes")})
		require.NoError(t, err)
		document, err = url.QueryUnescape(*inline.PolicyDocument)
		require.NoError(t, err)
		require.JSONEq(t, policy, document)
		attached, err := c.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: name})
		require.NoError(t, err)
		require.Equal(t, "AmazonSSMManagedInstanceCore", *attached.AttachedPolicies[0].PolicyName)
		profiles, err := c.ListInstanceProfilesForRole(ctx, &iam.ListInstanceProfilesForRoleInput{RoleName: name})
		require.NoError(t, err)
		require.Len(t, profiles.InstanceProfiles, 1)

		steps := []func() error{
			func() error {
				_, err := c.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: name, PolicyArn: arn})
				return err
			},
			func() error {
				_, err := c.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: name, PolicyName: aws.String("nodes")})
				return err
			},
			func() error {
				_, err := c.RemoveRoleFromInstanceProfile(ctx, &iam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: name, RoleName: name})
				return err
			},
		}
		_, err = c.DeleteInstanceProfile(ctx, &iam.DeleteInstanceProfileInput{InstanceProfileName: name})
		refused(t, "DeleteConflict", err)
		for _, step := range steps {
			_, err := c.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: name})
			refused(t, "DeleteConflict", err)
			require.NoError(t, step())
			refused(t, "NoSuchEntity", step())
		}
		_, err = c.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: name})
		require.NoError(t, err)
		_, err = c.DeleteInstanceProfile(ctx, &iam.DeleteInstanceProfileInput{InstanceProfileName: name})
		require.NoError(t, err)
		_, err = c.GetRole(ctx, &iam.GetRoleInput{RoleName: name})
		refused(t, "NoSuchEntity", err)
		require.Empty(t, w.String())
	})
}

func TestIAMRefusesInvalidNamesAndDocuments(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, _ *ec2.Client) {
		c := iam.NewFromConfig(w.Config(account, region))
		createProfile(t, c, "orchid")
		before := w.String()
		for _, test := range []struct{ code, name, trust string }{
			{"EntityAlreadyExists", "Orchid", trust},
			{"ValidationError", "a/b", trust},
			{"MalformedPolicyDocument", "other", "{"},
			{"MalformedPolicyDocument", "other", "{}"},
		} {
			_, err := c.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: &test.name, AssumeRolePolicyDocument: &test.trust})
			refused(t, test.code, err)
		}
		_, err := c.CreateInstanceProfile(t.Context(), &iam.CreateInstanceProfileInput{InstanceProfileName: aws.String("orchid")})
		refused(t, "EntityAlreadyExists", err)
		_, err = c.AddRoleToInstanceProfile(t.Context(), &iam.AddRoleToInstanceProfileInput{InstanceProfileName: aws.String("orchid"), RoleName: aws.String("orchid")})
		refused(t, "LimitExceeded", err)
		_, err = c.AttachRolePolicy(t.Context(), &iam.AttachRolePolicyInput{RoleName: aws.String("orchid"), PolicyArn: aws.String("arn:aws:iam::111122223333:policy/mine")})
		refused(t, "NoSuchEntity", err)
		require.Equal(t, before, w.String())
	})
}

func TestANewProfileIsUnknownToEC2ForAWhile(t *testing.T) {
	for name, delay := range map[string]time.Duration{"as usual": -1, "as told": time.Minute} {
		t.Run(name, func(t *testing.T) {
			bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, c *ec2.Client) {
				if delay > 0 {
					require.NoError(t, w.SetProfileDelay(delay))
				} else {
					delay = awssim.Latency("InstanceProfile/usable")
				}
				s := buildSite(t, c)
				in := order(t, c, s, "one")
				createProfile(t, iam.NewFromConfig(w.Config(account, region)), "nodes")
				in.IamInstanceProfile = &ec2types.IamInstanceProfileSpecification{Name: aws.String("nodes")}
				_, err := c.RunInstances(t.Context(), in)
				refused(t, "InvalidParameterValue", err)
				require.ErrorContains(t, err, "Invalid IAM Instance Profile name")
				time.Sleep(delay)
				out, err := c.RunInstances(t.Context(), in)
				require.NoError(t, err)
				require.Equal(t, "arn:aws:iam::111122223333:instance-profile/skep/nodes", *out.Instances[0].IamInstanceProfile.Arn)
			})
		})
	}
}
