package cloud_test

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

	"github.com/skep-dev/skep/libs/awssim"
	"github.com/skep-dev/skep/libs/cloud"
)

const (
	account = "111122223333"
	region  = "eu-central-1"
)

// inBubble runs a test in virtual time against simulated AWS.
func inBubble(t *testing.T, test func(t *testing.T, w *awssim.World, config aws.Config, budget *cloud.Budget)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w, err := awssim.New(awssim.Options{Seed: 1})
		require.NoError(t, err)
		config, budget := w.Config(account, region), cloud.NewBudget(1)
		cloud.Instrument(&config, budget, account)
		test(t, w, config, budget)
	})
}

func TestABurstIsNeverThrottledAndTakesExactlyItsBound(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		calls int
		call  func(ctx context.Context, config aws.Config, vpc string, i int) error
		bound time.Duration // From the first call to the last.
	}{
		"200 reads of EC2: a burst of 100 and 20 a second": {200, func(ctx context.Context, c aws.Config, _ string, _ int) error {
			_, err := ec2.NewFromConfig(c).DescribeVpcs(ctx, &ec2.DescribeVpcsInput{})
			return err
		}, 5 * time.Second},
		"60 writes of EC2: a burst of 50 and 5 a second": {60, func(ctx context.Context, c aws.Config, vpc string, i int) error {
			_, err := ec2.NewFromConfig(c).CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{
				VpcId: aws.String(vpc), GroupName: aws.String(fmt.Sprintf("group-%d", i)), Description: aws.String("a test")})
			return err
		}, 2 * time.Second},
		"60 reads of ELB: a burst of 40 and 10 a second": {60, func(ctx context.Context, c aws.Config, _ string, _ int) error {
			_, err := elb.NewFromConfig(c).DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{})
			return err
		}, 2 * time.Second},
		"20 calls of Route 53: five a second": {20, func(ctx context.Context, c aws.Config, _ string, _ int) error {
			_, err := route53.NewFromConfig(c).ListHostedZones(ctx, &route53.ListHostedZonesInput{})
			return err
		}, 3 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, w *awssim.World, config aws.Config, budget *cloud.Budget) {
				vpc, err := ec2.NewFromConfig(config).CreateVpc(t.Context(), &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
				require.NoError(t, err)
				time.Sleep(time.Minute)
				w.ForgetCalls()
				began := time.Now()
				errs := make([]error, test.calls)
				var wg sync.WaitGroup
				for i := range test.calls {
					wg.Go(func() { errs[i] = test.call(t.Context(), config, aws.ToString(vpc.Vpc.VpcId), i) })
				}
				wg.Wait()
				for _, err := range errs {
					require.NoError(t, err)
				}
				require.Zero(t, w.Throttles())
				require.Zero(t, budget.Throttles())
				calls := w.Calls()
				require.Len(t, calls, test.calls, "no call was repeated")
				require.InDelta(t, margin(test.bound), calls[len(calls)-1].At.Sub(began), float64(time.Microsecond))
			})
		})
	}
}

// margin is how long a refill of AWS takes for a budget that stays a hundredth below it.
func margin(refill time.Duration) time.Duration { return refill * 100 / 99 }

// spend makes so many calls at once and returns when the last of them may be made.
func spend(t *testing.T, b *cloud.Budget, call cloud.Call, n int) time.Duration {
	t.Helper()
	began := time.Now()
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() { _ = b.Wait(t.Context(), call) })
	}
	wg.Wait()
	return time.Since(began)
}

func TestABudgetIsOfOneAccountAndOneRegion(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := cloud.NewBudget(1)
		vpcs := cloud.Call{Account: "a", Region: "eu-central-1", Service: "EC2", Operation: "CreateVpc"}
		require.Zero(t, spend(t, b, vpcs, 50))
		for _, other := range []cloud.Call{
			{Account: "b", Region: vpcs.Region, Service: vpcs.Service, Operation: vpcs.Operation},
			{Account: "a", Region: "eu-west-1", Service: vpcs.Service, Operation: vpcs.Operation},
			{Account: "a", Region: vpcs.Region, Service: vpcs.Service, Operation: "CreateSubnet"},
		} {
			require.Zero(t, spend(t, b, other, 50))
		}
		require.InDelta(t, margin(200*time.Millisecond), spend(t, b, vpcs, 1), 1)

		zones := cloud.Call{Account: "a", Region: "eu-central-1", Service: "Route 53", Operation: "ListHostedZones"}
		require.Zero(t, spend(t, b, zones, 5))
		zones.Region = "eu-west-1"
		require.InDelta(t, margin(200*time.Millisecond), spend(t, b, zones, 1), 1, "Route 53 has one bucket for all regions")

		fast := cloud.NewBudget(20)
		spend(t, fast, vpcs, 50)
		require.InDelta(t, margin(10*time.Millisecond), spend(t, fast, vpcs, 1), 1, "a simulation that runs faster refills faster")
	})
}

func TestAThrottleEmptiesTheBucketAndNeverFillsIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := cloud.NewBudget(1)
		read := cloud.Call{Account: "a", Region: "eu-central-1", Service: "EC2", Operation: "DescribeVpcs"}
		b.Throttled(read)
		require.InDelta(t, margin(50*time.Millisecond), spend(t, b, read, 1), 1, "the burst of a full bucket is gone")
		time.Sleep(time.Hour)

		queued := make(chan time.Duration)
		go func() { queued <- spend(t, b, read, 150) }()
		synctest.Wait()
		b.Throttled(read)
		require.InDelta(t, margin(2550*time.Millisecond), spend(t, b, read, 1), float64(time.Microsecond), "who comes later waits behind the 50 that wait already")
		require.InDelta(t, margin(2500*time.Millisecond), <-queued, float64(time.Microsecond))
		require.Equal(t, 2, b.Throttles())
	})
}
