package ratelimit_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/skep-dev/skep/libs/aws/ratelimit"
	"github.com/skep-dev/skep/libs/platform/callcontext"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// aws is one token bucket of AWS; it starts full.
type aws struct {
	mu      sync.Mutex
	limiter *rate.Limiter
	calls   []string
	last    time.Time
	refused int
}

func newAWS(burst int, refill float64) *aws {
	return &aws{limiter: rate.NewLimiter(rate.Limit(refill), burst)}
}

func (a *aws) call(owner string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.limiter.Allow() {
		a.refused++
	}
	a.calls, a.last = append(a.calls, owner), time.Now()
}

func (a *aws) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.calls)
}

var (
	createVpc          = ratelimit.Call{Account: "a", Region: "eu-central-1", Service: "EC2", Operation: "CreateVpc"}
	createLoadBalancer = ratelimit.Call{Account: "a", Region: "eu-central-1", Service: "Elastic Load Balancing v2", Operation: "CreateLoadBalancer"}
	createVpcEndpoint  = ratelimit.Call{Account: "a", Region: "eu-central-1", Service: "EC2", Operation: "CreateVpcEndpoint"}
)

// insist retries a call as a reconciler does: when the fault says so. It returns the number of attempts.
func insist(ctx context.Context, b *ratelimit.Limiter, a *aws, call ratelimit.Call, caller callcontext.Call) (attempts int, err error) {
	for {
		attempts++
		err := b.Take(ctx, call, caller)
		if err == nil {
			a.call(caller.Object)
			return attempts, nil
		}
		f := fault.Of(err)
		if f.RetryAfter == 0 {
			return attempts, err
		}
		time.Sleep(f.RetryAfter)
	}
}

func owner(i int) string { return fmt.Sprintf("organizations/demo/ingresses/c%04d", i) }

// exhaust takes all tokens of a bucket.
func exhaust(t *testing.T, b *ratelimit.Limiter, a *aws, call ratelimit.Call) {
	t.Helper()
	for range ratelimit.FamilyOf("ec2", call.Operation).Burst - 1 {
		require.NoError(t, b.Take(t.Context(), call, callcontext.Call{Priority: callcontext.Repair}))
		a.call("exhaust")
	}
}

func TestAThousandCreatesUseTheWholeRateOfAWS(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const clusters = 1000
		a, b := newAWS(10, 0.2), ratelimit.New(ratelimit.NewLocal(1))
		attempts := make([]int, clusters)
		began := time.Now()
		var wg sync.WaitGroup
		for i := range clusters {
			wg.Go(func() {
				attempts[i], _ = insist(t.Context(), b, a, createLoadBalancer, callcontext.Call{Object: owner(i), Resource: "load-balancer", Priority: callcontext.Change})
			})
		}
		synctest.Wait()
		require.Less(t, a.count(), 10)
		wg.Wait()
		require.Zero(t, a.refused)
		require.Len(t, a.calls, clusters)
		bound := time.Duration(float64(clusters-10)/0.2) * time.Second
		require.LessOrEqual(t, a.last.Sub(began).Seconds()/bound.Seconds(), 1.03, "at least 97 % of the rate of AWS is used")
		total := 0
		for _, n := range attempts {
			total += n
			require.LessOrEqual(t, n, 24, "a wait of an hour and a half takes about twenty attempts")
		}
		require.LessOrEqual(t, total, 16*clusters)
	})
}

func TestADistantCallGetsARetryTimeAndKeepsItsPlace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := newAWS(4, 0.3), ratelimit.New(ratelimit.NewLocal(1))
		exhaust(t, b, a, createVpcEndpoint)
		began := time.Now()
		take := func(i int) error {
			return b.Take(t.Context(), createVpcEndpoint, callcontext.Call{Object: owner(i), Resource: "vpc-endpoint", Priority: callcontext.Repair})
		}
		var delays []time.Duration
		for i := range 4 {
			f := fault.Of(take(i))
			require.Equal(t, fault.Exhausted, f.Kind)
			require.Equal(t, fault.Rate, f.Class)
			require.Contains(t, f.Message, fmt.Sprintf("ec2 CreateVpcEndpoint in the account: place %d, in about", i+1))
			require.NotZero(t, f.RetryAfter)
			delays = append(delays, f.RetryAfter)
		}
		require.Equal(t, began, time.Now(), "no call waited")
		// Token k arrives k/0.297 s after the first four; a waiting call returns a second before.
		for i, again := range delays {
			require.InDelta(t, (float64(i+1)/0.297 - 1), again.Seconds(), 0.1)
		}
		// The last call retries all the time, and gains nothing by it.
		returned := make(chan time.Time, 1)
		go func() {
			for take(3) != nil {
				time.Sleep(100 * time.Millisecond)
			}
			returned <- time.Now()
		}()
		for i := range 3 {
			time.Sleep(time.Until(began.Add(delays[i])))
			require.NoError(t, take(i))
		}
		require.InDelta(t, 4/0.297, (<-returned).Sub(began).Seconds(), 0.1)
	})
}

func TestAPlaceExpiresWithoutARetry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := newAWS(4, 0.3), ratelimit.New(ratelimit.NewLocal(1))
		exhaust(t, b, a, createVpcEndpoint)
		caller := func(i int) callcontext.Call {
			return callcontext.Call{Object: owner(i), Resource: "vpc-endpoint", Priority: callcontext.Repair}
		}
		require.Error(t, b.Take(t.Context(), createVpcEndpoint, caller(0)))
		again := fault.Of(b.Take(t.Context(), createVpcEndpoint, caller(1))).RetryAfter
		time.Sleep(again)
		began := time.Now()
		require.NoError(t, b.Take(t.Context(), createVpcEndpoint, caller(1)), "a token is not reserved for an absent caller")
		require.Less(t, time.Since(began), 2*time.Second)
		time.Sleep(time.Minute)
		require.NoError(t, b.Take(t.Context(), createVpcEndpoint, caller(2)))
	})
}

func TestTurnsGoByPriorityThenRankThenArrival(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := newAWS(50, 5), ratelimit.New(ratelimit.NewLocal(1))
		exhaust(t, b, a, createVpc)
		a.calls = nil
		var wg sync.WaitGroup
		for _, caller := range []callcontext.Call{
			{Object: "scan", Priority: callcontext.Scan},
			{Object: "first", Priority: callcontext.Change},
			{Object: "second", Priority: callcontext.Change},
			{Object: "long", Priority: callcontext.Change, Rank: 2 * time.Minute},
			{Object: "delete", Priority: callcontext.Repair},
		} {
			wg.Go(func() { _, _ = insist(t.Context(), b, a, createVpc, caller) })
			synctest.Wait()
		}
		wg.Wait()
		require.Equal(t, []string{"delete", "long", "first", "second", "scan"}, a.calls)
		require.Zero(t, a.refused)
	})
}

func TestADeleteOvertakesAHundredQueuedCreates(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, source := newAWS(10, 0.2), ratelimit.NewLocal(1)
		b := ratelimit.New(source)
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for i := range 100 {
			wg.Go(func() {
				_, _ = insist(ctx, b, a, createLoadBalancer, callcontext.Call{Object: owner(i), Resource: "load-balancer", Priority: callcontext.Change})
			})
		}
		time.Sleep(time.Minute)
		for _, replica := range []*ratelimit.Limiter{b, ratelimit.New(source)} {
			began := time.Now()
			_, err := insist(t.Context(), replica, a, createLoadBalancer, callcontext.Call{Object: "delete", Priority: callcontext.Repair})
			require.NoError(t, err)
			require.LessOrEqual(t, time.Since(began), 6*time.Second, "the delete gets the reserve or the next token, also in another replica")
		}
		require.Zero(t, a.refused)
		cancel()
		time.Sleep(time.Hour)
		wg.Wait()
	})
}

func TestReplicasShareABucketWithoutThrottles(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const calls = 2000
		a, source := newAWS(50, 5), ratelimit.NewLocal(1)
		began := time.Now()
		var wg sync.WaitGroup
		for r := range 4 {
			b := ratelimit.New(source)
			for i := range calls / 4 {
				wg.Go(func() {
					_, _ = insist(t.Context(), b, a, createVpc, callcontext.Call{Object: owner(i), Resource: fmt.Sprint(r), Priority: callcontext.Change})
				})
			}
		}
		wg.Wait()
		require.Zero(t, a.refused)
		require.Len(t, a.calls, calls)
		require.LessOrEqual(t, a.last.Sub(began).Seconds()/((calls-50)/5), 1.03)
	})
}

func TestEachAccountAndRegionHasItsOwnBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := ratelimit.New(ratelimit.NewLocal(1))
		spend := func(call ratelimit.Call, n int) time.Duration {
			began := time.Now()
			for range n {
				require.NoError(t, b.Take(t.Context(), call, callcontext.Call{Priority: callcontext.Repair}))
			}
			return time.Since(began)
		}
		require.Zero(t, spend(createVpc, 48))
		other := createVpc
		other.Account = "b"
		require.Zero(t, spend(other, 48))
		other = createVpc
		other.Region = "eu-west-1"
		require.Zero(t, spend(other, 48))
		other = createVpc
		other.Operation = "CreateSubnet"
		require.Zero(t, spend(other, 48))
		require.NotZero(t, spend(createVpc, 1))

		zones := ratelimit.Call{Account: "a", Region: "eu-central-1", Service: "Route 53", Operation: "ListHostedZones"}
		require.Zero(t, spend(zones, 3))
		zones.Region = "eu-west-1"
		require.NotZero(t, spend(zones, 1), "Route 53 has one bucket for all regions")
	})
}

func TestACallWithoutAnObjectWaitsUntilItsContextEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := newAWS(10, 0.2), ratelimit.New(ratelimit.NewLocal(1))
		for range 9 {
			_, err := insist(t.Context(), b, a, createLoadBalancer, callcontext.Call{Priority: callcontext.Repair})
			require.NoError(t, err)
		}
		began := time.Now()
		_, err := insist(t.Context(), b, a, createLoadBalancer, callcontext.Call{Priority: callcontext.Repair})
		require.NoError(t, err)
		require.InDelta(t, 5, time.Since(began).Seconds(), 0.1)

		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		began = time.Now()
		require.ErrorContains(t, b.Take(ctx, createLoadBalancer, callcontext.Call{}), "waits for its turn")
		require.Zero(t, time.Since(began), "a call that cannot be in time fails at once")

		ctx, end := context.WithCancelCause(t.Context())
		canceled := errors.New("canceled")
		time.AfterFunc(time.Second, func() { end(canceled) })
		require.ErrorIs(t, b.Take(ctx, createLoadBalancer, callcontext.Call{}), canceled)
		require.Zero(t, a.refused)
	})
}

func TestAThrottleIsSharedAndSlowsTheBucketDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := ratelimit.NewLocal(1)
		b, other := ratelimit.New(source), ratelimit.New(source)
		require.NoError(t, b.Throttled(t.Context(), createVpc))
		require.Equal(t, 1, b.Throttles())
		began := time.Now()
		require.NoError(t, other.Take(t.Context(), createVpc, callcontext.Call{Priority: callcontext.Repair}))
		require.InDelta(t, 2/refill, time.Since(began).Seconds(), 0.01, "the bucket is empty and refills at half the rate")
	})
}
