package identity_test

import (
	"context"
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/engine/graph"
	awssim "github.com/skep-dev/skep/libs/sim/aws"
	"github.com/skep-dev/skep/libs/sim/graphtest"
	"github.com/skep-dev/skep/services/identity/internal/identity"
)

const role = "orchiduid1-control-plane"

// readyIdentity is a settled cluster identity.
type readyIdentity struct {
	api    *iam.Client
	ledger *graph.Memory
}

func inBubble(t *testing.T, test func(t *testing.T, b readyIdentity)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		sim, err := awssim.New(awssim.Options{Seed: 1})
		require.NoError(t, err)
		b := readyIdentity{api: iam.NewFromConfig(sim.Config(graphtest.Account, graphtest.Region)), ledger: graph.NewMemory("test")}
		b.resync(t)
		time.Sleep(time.Minute)
		b.resync(t)
		test(t, b)
	})
}

// resync observes every resource once, and returns the names of the resources that it repaired.
func (b readyIdentity) resync(t *testing.T) []string {
	t.Helper()
	var changed []string
	for _, step := range identity.Resources(spec, b.api, owner).Ensure(context.Background(), graph.Walk{Ledger: b.ledger, Resync: true}) {
		require.NoError(t, step.Err)
		if step.Outcome == graph.Changed {
			changed = append(changed, step.Name)
		}
	}
	return changed
}

// policies returns the inline policy documents of a role by name.
func (b readyIdentity) policies(t *testing.T, role string) map[string]string {
	t.Helper()
	list, err := b.api.ListRolePolicies(t.Context(), &iam.ListRolePoliciesInput{RoleName: aws.String(role)})
	require.NoError(t, err)
	documents := make(map[string]string)
	for _, name := range list.PolicyNames {
		out, err := b.api.GetRolePolicy(t.Context(), &iam.GetRolePolicyInput{RoleName: aws.String(role), PolicyName: aws.String(name)})
		require.NoError(t, err)
		documents[name], err = url.QueryUnescape(aws.ToString(out.PolicyDocument))
		require.NoError(t, err)
	}
	return documents
}

// harmless matches actions that change no resource of the account; the ssm actions concern only the machine itself.
var harmless = regexp.MustCompile(`^(ec2|autoscaling|elasticloadbalancing):(Describe|Get)|^ecr:(Get|Batch)|^ssm:UpdateInstanceInformation$|^ssmmessages:`)

func TestMachinesMayChangeOnlyResourcesOfTheirCluster(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, b readyIdentity) {
		seen := 0
		for _, role := range []string{role, "orchiduid1-node"} {
			for name, text := range b.policies(t, role) {
				var document struct {
					Statement []struct {
						Sid       string
						Action    []string
						Resource  []string
						Condition map[string]map[string][]string
					}
				}
				require.NoError(t, json.Unmarshal([]byte(text), &document))
				for _, statement := range document.Statement {
					for _, action := range statement.Action {
						seen++
						if harmless.MatchString(action) {
							continue
						}
						where := strings.Join([]string{role, name, statement.Sid, action}, " ")
						require.NotEmpty(t, statement.Condition["StringEquals"], "%s has no condition", where)
						if action == "iam:CreateServiceLinkedRole" {
							continue
						}
						for _, resource := range statement.Resource {
							require.Contains(t, resource, ":"+graphtest.Region+":", "%s reaches beyond the region", where)
						}
						require.Contains(t, string(must(json.Marshal(statement.Condition))), "orchiduid1", "%s reaches beyond the cluster", where)
					}
				}
			}
		}
		require.Greater(t, seen, 50)
	})
}

func must(text []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return text
}

func TestPoliciesStayBelowTheSizeLimitOfIAM(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, b readyIdentity) {
		size := 0
		for _, text := range b.policies(t, role) {
			size += len(text)
		}
		// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
		require.Less(t, size, 10240)
	})
}

func TestResyncRestoresAChangedPolicy(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, b readyIdentity) {
		put := func(document string) {
			_, err := b.api.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{
				RoleName: aws.String(role), PolicyName: aws.String("cluster"), PolicyDocument: aws.String(document),
			})
			require.NoError(t, err)
		}
		before := b.policies(t, role)["cluster"]
		put(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["*"],"Resource":["*"]}]}`)
		require.Equal(t, []string{"role-policy/control-plane"}, b.resync(t))
		require.Equal(t, before, b.policies(t, role)["cluster"])

		var same map[string]any
		require.NoError(t, json.Unmarshal([]byte(before), &same))
		put(string(must(json.MarshalIndent(same, "", "\t"))))
		require.Empty(t, b.resync(t), "white space or the order of keys counted as drift")
	})
}

func TestResyncRestoresAChangedTrustPolicy(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, b readyIdentity) {
		_, err := b.api.UpdateAssumeRolePolicy(t.Context(), &iam.UpdateAssumeRolePolicyInput{RoleName: aws.String(role), PolicyDocument: aws.String(
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":["sts:AssumeRole"]}]}`)})
		require.NoError(t, err)
		require.Equal(t, []string{"role/control-plane"}, b.resync(t))
		require.Empty(t, b.resync(t))
	})
}

func TestResyncRestoresTheRoleInAProfile(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, b readyIdentity) {
		profile := aws.String(role + "-profile")
		_, err := b.api.RemoveRoleFromInstanceProfile(t.Context(), &iam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: profile, RoleName: aws.String(role)})
		require.NoError(t, err)
		_, err = b.api.AddRoleToInstanceProfile(t.Context(), &iam.AddRoleToInstanceProfileInput{InstanceProfileName: profile, RoleName: aws.String("orchiduid1-node")})
		require.NoError(t, err)
		require.Empty(t, b.resync(t), "the role was added again, and EC2 may not know it yet")
		out, err := b.api.GetInstanceProfile(t.Context(), &iam.GetInstanceProfileInput{InstanceProfileName: profile})
		require.NoError(t, err)
		require.Equal(t, role, aws.ToString(out.InstanceProfile.Roles[0].RoleName))
		time.Sleep(time.Minute)
		require.Equal(t, []string{"instance-profile-role/control-plane"}, b.resync(t))
		require.Empty(t, b.resync(t))
	})
}

func TestPartitionOfARegion(t *testing.T) {
	t.Parallel()
	require.Equal(t, "aws", identity.Partition("eu-central-1"))
	require.Equal(t, "aws-cn", identity.Partition("cn-north-1"))
	require.Equal(t, "aws-us-gov", identity.Partition("us-gov-west-1"))
}
