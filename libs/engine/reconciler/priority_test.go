package reconciler_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"
	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/internal/enginetest"
	"github.com/skep-dev/skep/libs/platform/callcontext"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// turn returns the fault of a call that a rate limit postpones.
func turn(away time.Duration) error {
	return &fault.Fault{Kind: fault.Exhausted, Class: fault.Rate, AWSCode: "NotSent", Message: "waits for its turn: place 12", RetryAfter: away}
}

func TestCallPriorityDependsOnTheStateOfTheObject(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		networks, aws := b.Networks(), newFakeAWS()
		rec := newReconciler(b.Bucket, aws)
		var called []callcontext.Call
		build, factories := rec.BuildGraph, rec.Factories
		rec.BuildGraph = func(ctx context.Context, r *networkv1.Network, record *recordv1.Record) (*graph.Graph, error) {
			called = append(called, callcontext.From(ctx))
			return build(ctx, r, record)
		}
		rec.Factories = func(ctx context.Context, r *networkv1.Network) (graph.Factories, error) {
			if r.GetDeleteTime() != nil {
				called = append(called, callcontext.From(ctx))
			}
			return factories(ctx, r)
		}
		_, err := networks.Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		reconcileOnce(t, rec)
		time.Sleep(time.Hour)
		for id := range aws.tokens {
			delete(aws.tokens, id)
		}
		aws.onCreate = func(string) error { return turn(time.Minute) }
		reconcileOnce(t, rec)
		_, n := read(t, b)
		require.Equal(t, typev1.State_DEGRADED, n.GetStatus().GetState())
		time.Sleep(time.Minute)
		aws.onCreate = nil
		reconcileOnce(t, rec)
		_, err = networks.Delete(t.Context(), &networkv1.DeleteNetworkRequest{Name: enginetest.Name})
		require.NoError(t, err)
		reconcileOnce(t, rec)
		var priorities []callcontext.Priority
		for _, caller := range called {
			require.Equal(t, enginetest.Name, caller.Object)
			priorities = append(priorities, caller.Priority)
		}
		require.Equal(t, []callcontext.Priority{callcontext.Change, callcontext.Scan, callcontext.Repair, callcontext.Repair}, priorities)
	})
}

func TestAPostponedCreateIsNoFault(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		networks, aws := b.Networks(), newFakeAWS()
		rec := newReconciler(b.Bucket, aws)
		aws.onCreate = func(string) error { return turn(20 * time.Minute) }
		_, err := networks.Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		require.Equal(t, 20*time.Minute, reconcileOnce(t, rec))
		first, n := read(t, b)
		require.Equal(t, typev1.State_CREATING, n.GetStatus().GetState())
		require.Equal(t, "FALSE Creating", condition(n, "VpcReady"))
		for _, c := range n.GetStatus().GetConditions() {
			require.Nil(t, c.GetFault())
		}
		item := n.GetStatus().GetResources()[0]
		require.Equal(t, typev1.InventoryItem_INTENDED, item.GetState())
		require.Equal(t, "waits for its turn: place 12", item.GetMessage())
		reconcileOnce(t, rec)
		second, _ := read(t, b)
		require.Equal(t, first.Revision, second.Revision, "an early reconciliation writes nothing")
	})
}

func TestAPostponedGraphIsNoFault(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		rec := newReconciler(b.Bucket, newFakeAWS())
		rec.BuildGraph = func(context.Context, *networkv1.Network, *recordv1.Record) (*graph.Graph, error) {
			return nil, turn(time.Minute)
		}
		_, err := b.Networks().Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		require.Equal(t, time.Minute, reconcileOnce(t, rec))
		_, n := read(t, b)
		require.Equal(t, "FALSE Waiting", condition(n, "Ready"))
		require.Equal(t, typev1.State_CREATING, n.GetStatus().GetState())
	})
}
