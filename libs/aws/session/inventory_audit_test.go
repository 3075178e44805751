package session_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/aws/ratelimit"
	"github.com/skep-dev/skep/libs/aws/session"
	awssim "github.com/skep-dev/skep/libs/sim/aws"
)

// inSession runs a test in virtual time with a session in simulated AWS.
func inSession(t *testing.T, test func(t *testing.T, w *awssim.Simulation, session *session.Session)) {
	t.Helper()
	inBubble(t, func(t *testing.T, w *awssim.Simulation, _ aws.Config, _ *ratelimit.Limiter) {
		test(t, w, open(t, w, func(context.Context, string) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: w.AccessKey(account), SecretAccessKey: "secret"}, nil
		}))
	})
}

// createVPC creates a VPC of an installation and returns its id.
func createVPC(t *testing.T, config aws.Config, installation string) string {
	t.Helper()
	out, err := ec2.NewFromConfig(config).CreateVpc(t.Context(), &ec2.CreateVpcInput{
		CidrBlock: aws.String("10.0.0.0/16"), TagSpecifications: session.Owner{Installation: installation}.EC2Tags(types.ResourceTypeVpc, "vpc", "token"),
	})
	require.NoError(t, err)
	return aws.ToString(out.Vpc.VpcId)
}

func TestMissingReturnsUnlistedIDs(t *testing.T) {
	t.Parallel()
	inSession(t, func(t *testing.T, _ *awssim.Simulation, s *session.Session) {
		mine, theirs := createVPC(t, s.Config, "mine"), createVPC(t, s.Config, "theirs")
		group, err := elb.NewFromConfig(s.Config).CreateTargetGroup(t.Context(), &elb.CreateTargetGroupInput{
			Name: aws.String("api"), VpcId: aws.String(mine), Protocol: elbtypes.ProtocolEnumTcp, Port: aws.Int32(6443),
			Tags: []elbtypes.Tag{{Key: aws.String(session.TagInstallation), Value: aws.String("mine")}},
		})
		require.NoError(t, err)
		arn := aws.ToString(group.TargetGroups[0].TargetGroupArn)
		deleted := "subnet-0123456789abcdef0"
		missing, err := s.Missing(t.Context(), "mine", []string{
			mine, theirs, arn, deleted, arn + "0", "rtb-0123456789abcdef0",
			// AWS does not list resources with these ids.
			"orchid-node", "Z0123456789", "Z0123456789/api.orchid.example.test", arn + ":6443", mine + "/" + arn, "",
		})
		require.NoError(t, err)
		require.Equal(t, []string{theirs, deleted, arn + "0", "rtb-0123456789abcdef0"}, missing)
	})
}

func TestAllCallersShareOneInventoryForTenMinutes(t *testing.T) {
	t.Parallel()
	inSession(t, func(t *testing.T, w *awssim.Simulation, s *session.Session) {
		vpc := createVPC(t, s.Config, "mine")
		ask := func() {
			var wg sync.WaitGroup
			for range 100 {
				wg.Go(func() {
					missing, err := s.Missing(t.Context(), "mine", []string{vpc})
					require.NoError(t, err)
					require.Empty(t, missing)
				})
			}
			wg.Wait()
		}
		calls := func() int { return w.CountCalls()["GetResources"] }
		ask()
		require.Equal(t, 1, calls())
		time.Sleep(9 * time.Minute)
		ask()
		require.Equal(t, 1, calls())
		time.Sleep(time.Minute)
		ask()
		require.Equal(t, 2, calls())

		other := []string{"sg-0123456789abcdef0"}
		missing, err := s.Missing(t.Context(), "mine", other)
		require.NoError(t, err)
		require.Equal(t, other, missing)
		require.Equal(t, 3, calls(), "the previous inventory did not request security groups")
		ask()
		require.Equal(t, 3, calls(), "this inventory requested both types")
		_, err = s.Missing(t.Context(), "mine", []string{"orchid-node"})
		require.NoError(t, err)
		require.Equal(t, 3, calls(), "types that AWS does not list are not requested")
	})
}

func TestTheNextCallerRepeatsAFailedInventory(t *testing.T) {
	t.Parallel()
	inSession(t, func(t *testing.T, w *awssim.Simulation, s *session.Session) {
		vpc := createVPC(t, s.Config, "mine")
		w.Inject(awssim.Faults{Before: func(c awssim.Call) error {
			if c.Operation == "GetResources" && c.N == 2 {
				return errors.New("connection reset")
			}
			return nil
		}})
		_, err := s.Missing(t.Context(), "mine", []string{vpc})
		require.ErrorContains(t, err, "list the inventory")
		missing, err := s.Missing(t.Context(), "mine", []string{vpc})
		require.NoError(t, err)
		require.Empty(t, missing)
	})
}

func TestTheNextCallerTakesOverACanceledInventory(t *testing.T) {
	t.Parallel()
	inSession(t, func(t *testing.T, _ *awssim.Simulation, s *session.Session) {
		vpc := createVPC(t, s.Config, "mine")
		brief, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		gaveUp := make(chan error)
		go func() { _, err := s.Missing(brief, "mine", []string{vpc}); gaveUp <- err }()
		synctest.Wait()
		waited := make(chan error)
		go func() { _, err := s.Missing(brief, "mine", []string{vpc}); waited <- err }()
		synctest.Wait()
		missing, err := s.Missing(t.Context(), "mine", []string{vpc})
		require.NoError(t, err)
		require.Empty(t, missing)
		require.Error(t, <-gaveUp)
		require.Error(t, <-waited)
	})
}
