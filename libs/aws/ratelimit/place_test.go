package ratelimit_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/aws/ratelimit"
	"github.com/skep-dev/skep/libs/platform/callcontext"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// countedSource counts the draws of a source.
type countedSource struct {
	ratelimit.Source
	draws atomic.Int32
}

func (d *countedSource) Draw(ctx context.Context, bucket ratelimit.Bucket, draw ratelimit.Draw) (ratelimit.Grant, error) {
	d.draws.Add(1)
	return d.Source.Draw(ctx, bucket, draw)
}

// place returns the place of a postponed call.
func place(t *testing.T, err error) *ratelimit.Place {
	t.Helper()
	var p *ratelimit.Place
	require.ErrorAs(t, err, &p)
	return p
}

func TestAskDrawsNoTokenAndKeepsThePlace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &countedSource{Source: ratelimit.NewLocal(1)}
		a, b := newAWS(4, 0.3), ratelimit.New(source)
		exhaust(t, b, a, createVpcEndpoint)
		caller := func(i int) callcontext.Call {
			return callcontext.Call{Object: owner(i), Resource: "vpc-endpoint", Priority: callcontext.Repair}
		}
		var last error
		for i := range 10 {
			last = b.Take(t.Context(), createVpcEndpoint, caller(i))
		}
		before := source.draws.Load()
		refusal := fault.Of(place(t, last).Ask())
		require.Equal(t, fault.Exhausted, refusal.Kind)
		require.Contains(t, refusal.Message, "place 10, in about")
		require.NotZero(t, refusal.RetryAfter)
		require.Equal(t, before, source.draws.Load(), "Ask draws no token")
		newcomer := b.Take(t.Context(), createVpcEndpoint, caller(10))
		require.Contains(t, fault.Of(newcomer).Message, "place 11, in about", "a call that asked keeps its place before later calls")
	})
}

func TestAskLetsACallWithoutAPlaceProceed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := newAWS(4, 0.3), ratelimit.New(ratelimit.NewLocal(1))
		exhaust(t, b, a, createVpcEndpoint)
		var last error
		for i := range 3 {
			last = b.Take(t.Context(), createVpcEndpoint, callcontext.Call{Object: owner(i), Resource: "vpc-endpoint", Priority: callcontext.Repair})
		}
		time.Sleep(fault.Of(last).RetryAfter + time.Minute)
		require.NoError(t, place(t, last).Ask())
	})
}

func TestAskLetsTheFirstCallProceed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := newAWS(10, 0.2), ratelimit.New(ratelimit.NewLocal(1))
		exhaust(t, b, a, createLoadBalancer)
		first := b.Take(t.Context(), createLoadBalancer, callcontext.Call{Object: owner(1), Resource: "load-balancer", Priority: callcontext.Repair})
		require.NoError(t, place(t, first).Ask())
	})
}

func TestDistantCallsOfOneObjectRetryTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := newAWS(10, 0.2), ratelimit.New(ratelimit.NewLocal(1))
		exhaust(t, b, a, createLoadBalancer)
		retries := make(map[time.Time]bool)
		for i := range 60 {
			caller := callcontext.Call{Object: owner(0), Resource: fmt.Sprint(i), Priority: callcontext.Repair}
			retry := fault.Of(b.Take(t.Context(), createLoadBalancer, caller)).RetryAfter
			require.NotZero(t, retry)
			if i > 12 { // the turns of the first 13 calls are within a minute
				require.LessOrEqual(t, retry, 10*time.Minute)
				require.GreaterOrEqual(t, retry, 29*time.Second)
				retries[time.Now().Add(retry)] = true
			}
		}
		require.LessOrEqual(t, len(retries), 5, "47 calls retry at five times within five minutes of waiting")
	})
}
