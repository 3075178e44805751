package session_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/aws/ratelimit"
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/platform/callcontext"
	awssim "github.com/skep-dev/skep/libs/sim/aws"
)

const (
	account = "111122223333"
	region  = "eu-central-1"
)

// inBubble runs a test in virtual time against simulated AWS.
func inBubble(t *testing.T, test func(t *testing.T, w *awssim.Simulation, config aws.Config, calls *ratelimit.Limiter)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w, err := awssim.New(awssim.Options{Seed: 1})
		require.NoError(t, err)
		config, calls := w.Config(account, region), ratelimit.New(ratelimit.NewLocal(1))
		session.Instrument(&config, calls, account)
		test(t, w, config, calls)
	})
}

func TestABurstIsNeverThrottledAndReachesItsBound(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		calls int
		call  func(ctx context.Context, config aws.Config, vpc string, i int) error
		bound time.Duration // from the first call to the last
	}{
		"200 reads of EC2: 90 at once and 20 a second": {200, func(ctx context.Context, c aws.Config, _ string, _ int) error {
			_, err := ec2.NewFromConfig(c).DescribeVpcs(ctx, &ec2.DescribeVpcsInput{})
			return err
		}, 5500 * time.Millisecond},
		"60 writes of EC2: 48 at once and 5 a second": {60, func(ctx context.Context, c aws.Config, vpc string, i int) error {
			_, err := ec2.NewFromConfig(c).CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{
				VpcId: aws.String(vpc), GroupName: aws.String(fmt.Sprintf("group-%d", i)), Description: aws.String("a test")})
			return err
		}, 2400 * time.Millisecond},
		"60 reads of ELB: 35 at once and 10 a second": {60, func(ctx context.Context, c aws.Config, _ string, _ int) error {
			_, err := elb.NewFromConfig(c).DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{})
			return err
		}, 2500 * time.Millisecond},
		"20 calls of Route 53: three at once and five a second": {20, func(ctx context.Context, c aws.Config, _ string, _ int) error {
			_, err := route53.NewFromConfig(c).ListHostedZones(ctx, &route53.ListHostedZonesInput{})
			return err
		}, 3400 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, w *awssim.Simulation, config aws.Config, spent *ratelimit.Limiter) {
				vpc, err := ec2.NewFromConfig(config).CreateVpc(t.Context(), &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
				require.NoError(t, err)
				time.Sleep(time.Minute)
				w.ResetCalls()
				began := time.Now()
				errs := make([]error, test.calls)
				var wg sync.WaitGroup
				for i := range test.calls {
					wg.Go(func() { errs[i] = test.call(first(t), config, aws.ToString(vpc.Vpc.VpcId), i) })
				}
				wg.Wait()
				for _, err := range errs {
					require.NoError(t, err)
				}
				require.Zero(t, w.Throttles())
				require.Zero(t, spent.Throttles())
				calls := w.Calls()
				require.Len(t, calls, test.calls, "no call is repeated")
				// A budget stays 1 % below the refill of AWS.
				require.InDelta(t, test.bound*100/99, calls[len(calls)-1].At.Sub(began), float64(time.Millisecond))
			})
		})
	}
}

// first returns a context whose calls leave no tokens in reserve.
func first(t *testing.T) context.Context {
	return callcontext.With(t.Context(), callcontext.Call{Priority: callcontext.Repair})
}

// spend takes n tokens at once.
func spend(t *testing.T, b *ratelimit.Limiter, call ratelimit.Call, n int) {
	t.Helper()
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() { require.NoError(t, b.Take(t.Context(), call, callcontext.Call{Priority: callcontext.Repair})) })
	}
	wg.Wait()
}
