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

// drawn counts what is drawn of a source.
type drawn struct {
	ratelimit.Source
	draws atomic.Int32
}

func (d *drawn) Draw(ctx context.Context, bucket ratelimit.Bucket, draw ratelimit.Draw) (ratelimit.Grant, error) {
	d.draws.Add(1)
	return d.Source.Draw(ctx, bucket, draw)
}

// place is the place of a call that was put off.
func place(t *testing.T, err error) *ratelimit.Place {
	t.Helper()
	var p *ratelimit.Place
	require.ErrorAs(t, err, &p)
	return p
}

func TestWhetherTheTurnHasComeIsAskedWithoutACallAndKeepsThePlace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := &drawn{Source: ratelimit.NewLocal(1)}
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
		told := fault.Of(place(t, last).Ask())
		require.Equal(t, fault.Exhausted, told.Kind)
		require.Contains(t, told.Message, "place 10, in about")
		require.NotZero(t, told.RetryAfter)
		require.Equal(t, before, source.draws.Load(), "nothing is drawn")
		newcomer := b.Take(t.Context(), createVpcEndpoint, caller(10))
		require.Contains(t, fault.Of(newcomer).Message, "place 11, in about", "who asked is still before whoever came later")
	})
}

func TestAPlaceThatWasGivenUpIsNotWaitedFor(t *testing.T) {
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

func TestWhoIsFirstIsToGoSinceSomebodyHasToDraw(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := newAWS(10, 0.2), ratelimit.New(ratelimit.NewLocal(1))
		exhaust(t, b, a, createLoadBalancer)
		first := b.Take(t.Context(), createLoadBalancer, callcontext.Call{Object: owner(1), Resource: "load-balancer", Priority: callcontext.Repair})
		require.NoError(t, place(t, first).Ask())
	})
}

func TestWhatOfOneOwnerIsFarFromItsTurnComesBackTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := newAWS(10, 0.2), ratelimit.New(ratelimit.NewLocal(1))
		exhaust(t, b, a, createLoadBalancer)
		back := make(map[time.Time]bool)
		for i := range 60 {
			caller := callcontext.Call{Object: owner(0), Resource: fmt.Sprint(i), Priority: callcontext.Repair}
			again := fault.Of(b.Take(t.Context(), createLoadBalancer, caller)).RetryAfter
			require.NotZero(t, again)
			if i > 12 { // The turns of the others are within a minute.
				require.LessOrEqual(t, again, 10*time.Minute)
				require.GreaterOrEqual(t, again, 29*time.Second)
				back[time.Now().Add(again)] = true
			}
		}
		require.LessOrEqual(t, len(back), 5, "forty-seven calls come back at five moments within five minutes of waiting")
	})
}
