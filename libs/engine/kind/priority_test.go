package kind_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/aws/ratelimit"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// turn is the refusal of a call whose turn is so far away.
func turn(away time.Duration) error {
	return &fault.Fault{Kind: fault.Exhausted, Class: fault.Rate, AWSCode: "NotSent", Message: "waits for its turn: place 12", RetryAfter: away}
}

func TestWhatGoesAndWhatBrokeGoesBeforeWhatIsMadeAndThatBeforeALook(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		networks, y := b.networks(), newYard()
		k := reconciler(b.bucket, y)
		var called []ratelimit.Caller
		build, kinds := k.Graph, k.Kinds
		k.Graph = func(ctx context.Context, r *networkv1.Network) (*graph.Graph, error) {
			called = append(called, ratelimit.From(ctx))
			return build(ctx, r)
		}
		k.Kinds = func(ctx context.Context, r *networkv1.Network) (graph.Kinds, error) {
			if r.GetDeleteTime() != nil {
				called = append(called, ratelimit.From(ctx))
			}
			return kinds(ctx, r)
		}
		_, err := networks.Apply(t.Context(), wanted(), false)
		require.NoError(t, err)
		pass(t, k)
		time.Sleep(time.Hour)
		for id := range y.boxes {
			delete(y.boxes, id)
		}
		y.creates = func(string) error { return turn(time.Minute) }
		pass(t, k)
		_, n := read(t, b)
		require.Equal(t, typev1.State_DEGRADED, n.GetStatus().GetState())
		time.Sleep(time.Minute)
		y.creates = nil
		pass(t, k)
		_, err = networks.Delete(t.Context(), &networkv1.DeleteNetworkRequest{Name: name})
		require.NoError(t, err)
		pass(t, k)
		var priorities []ratelimit.Priority
		for _, caller := range called {
			require.Equal(t, name, caller.Owner)
			priorities = append(priorities, caller.Priority)
		}
		require.Equal(t, []ratelimit.Priority{ratelimit.Change, ratelimit.Scan, ratelimit.Repair, ratelimit.Repair}, priorities)
	})
}

func TestToWaitForItsTurnIsNoFault(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		networks, y := b.networks(), newYard()
		k := reconciler(b.bucket, y)
		y.creates = func(string) error { return turn(20 * time.Minute) }
		_, err := networks.Apply(t.Context(), wanted(), false)
		require.NoError(t, err)
		require.Equal(t, 20*time.Minute, pass(t, k))
		first, n := read(t, b)
		require.Equal(t, typev1.State_CREATING, n.GetStatus().GetState())
		require.Equal(t, "FALSE Creating", condition(n, "VpcReady"))
		for _, c := range n.GetStatus().GetConditions() {
			require.Nil(t, c.GetFault())
		}
		item := n.GetStatus().GetResources()[0]
		require.Equal(t, typev1.InventoryItem_INTENDED, item.GetState())
		require.Equal(t, "waits for its turn: place 12", item.GetMessage())
		pass(t, k)
		second, _ := read(t, b)
		require.Equal(t, first.Revision, second.Revision, "to be woken early writes nothing")
	})
}

func TestAGraphThatWaitsForItsTurnToBeBuiltIsNoFaultEither(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		k := reconciler(b.bucket, newYard())
		k.Graph = func(context.Context, *networkv1.Network) (*graph.Graph, error) { return nil, turn(time.Minute) }
		_, err := b.networks().Apply(t.Context(), wanted(), false)
		require.NoError(t, err)
		require.Equal(t, time.Minute, pass(t, k))
		_, n := read(t, b)
		require.Equal(t, "FALSE Waiting", condition(n, "Ready"))
		require.Equal(t, typev1.State_CREATING, n.GetStatus().GetState())
	})
}
