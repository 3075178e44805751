package reconciler_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/engine/collection"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/internal/enginetest"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/reconciler"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/fault"
)

func TestTheIntentsOfAWaveCostOneOrTwoWrites(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		y := newFakeCloud()
		n := enginetest.Network()
		n.Spec.Vpc.Zones = 30
		_, err := b.Networks().Apply(t.Context(), n, false)
		require.NoError(t, err)
		b.Puts = 0
		reconciliation(t, newReconciler(b.Bucket, y))
		require.Len(t, y.tokens, 31)
		require.GreaterOrEqual(t, b.Puts, 3, "one a wave and one at the end")
		require.LessOrEqual(t, b.Puts, 10, "a few for a wave, however the machine schedules it, not one for each of 31 things")
	})
}

// stateToProto are the states of the ledger by name.
func stateToProto(record store.Record) map[string]string {
	states := make(map[string]string)
	for name, e := range reconciler.Entries(record.Record) {
		states[name] = fmt.Sprintf("%d %s", e.State, e.ID)
	}
	return states
}

func TestAWriteOfAnotherFencesThePassAndItsFactsAreKept(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		networks, y := b.Networks(), newFakeCloud()
		elsewhere := &collection.Collection[*networkv1.Network]{Type: object.Networks, Bucket: b.Open(t, store.Options{})}
		_, err := networks.Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		y.afterCreate = func(name string) {
			if name == "vpc" {
				enginetest.SetTier(t, elsewhere, "orchid", "silver")
			}
		}
		k := newReconciler(b.Bucket, y)
		_, err = k.Reconcile(t.Context(), enginetest.Key)
		require.ErrorIs(t, err, store.ErrConflict)
		require.Len(t, y.tokens, 1, "nothing is created without a stored intent")
		record, n := read(t, b)
		require.Equal(t, "silver", n.GetLabels()["tier"], "the write of the other is kept")
		require.Equal(t, map[string]string{"vpc": fmt.Sprintf("%d id of vpc", graph.Ready)}, stateToProto(record), "and so is what the pass learned")

		y.afterCreate = nil
		reconciliation(t, k)
		require.Len(t, y.tokens, 4)
		_, n = read(t, b)
		require.Equal(t, typev1.State_READY, n.GetStatus().GetState())
	})
}

var errDead = errors.New("the process is dead")

func TestACrashBetweenTheIntentAndItsIDLeadsToOneThing(t *testing.T) {
	for title, crash := range map[string]struct{ acts bool }{"before the create": {false}, "after the create": {true}} {
		t.Run(title, func(t *testing.T) {
			enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
				y := newFakeCloud()
				_, err := b.Networks().Apply(t.Context(), enginetest.Network(), false)
				require.NoError(t, err)
				die := func() { b.Fault = func(string, string, bool) error { return errDead } }
				if crash.acts {
					y.afterCreate = func(string) { die() }
				} else {
					y.onCreate = func(string) error { die(); return errDead }
				}
				_, err = newReconciler(b.Bucket, y).Reconcile(t.Context(), enginetest.Key)
				require.ErrorIs(t, err, errDead)
				record, _ := read(t, b)
				require.Equal(t, map[string]string{"vpc": fmt.Sprintf("%d ", graph.Intended)}, stateToProto(record))

				b.Fault, y.afterCreate, y.onCreate = nil, nil, nil
				b.Bucket = b.Open(t, store.Options{})
				k, passes := newReconciler(b.Bucket, y), 0
				for again := reconciliation(t, k); again < 5*time.Minute; again = reconciliation(t, k) {
					time.Sleep(again)
					passes++
				}
				require.Len(t, y.tokens, 4)
				if crash.acts {
					require.Zero(t, passes, "what shows is taken over at once")
				}
				record, _ = read(t, b)
				attempt := map[bool]int{true: 1, false: 2}[crash.acts]
				require.Equal(t, attempt, reconciler.Entries(record.Record)["vpc"].Attempt)
			})
		})
	}
}

func TestTwoReplicasThatBothBelieveTheyOwnAKeyMakeOneOfEverything(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		y := newFakeCloud()
		var mu sync.Mutex
		var created []string
		y.onCreate = func(name string) error {
			mu.Lock()
			defer mu.Unlock()
			created = append(created, name)
			return nil
		}
		_, err := b.Networks().Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		replicas := []*reconciler.Reconciler[*networkv1.Network]{newReconciler(b.Bucket, y), newReconciler(b.Open(t, store.Options{}), y)}
		synctest.Wait()
		var wg sync.WaitGroup
		for _, k := range replicas {
			wg.Go(func() {
				for {
					if again, err := k.Reconcile(t.Context(), enginetest.Key); err == nil && again > time.Minute {
						return
					}
					time.Sleep(time.Millisecond)
				}
			})
		}
		wg.Wait()
		slices.Sort(created)
		require.Equal(t, []string{"subnet/0", "subnet/1", "subnet/2", "vpc"}, created)
	})
}

func TestAPassDoesNotUndoWhatAnotherLearnedMeanwhile(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		y := newFakeCloud()
		_, err := b.Networks().Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		reconciliation(t, newReconciler(b.Bucket, y))
		time.Sleep(25 * time.Hour) // Everything is due to be looked at, so that the pass writes.

		other, k := b.Open(t, store.Options{}), newReconciler(b.Bucket, y)
		prepareFirst(k, func(ctx context.Context) error {
			current, _ := other.Get(enginetest.Key)
			record := current.Clone().Record
			record.GetLedger()[0].Attributes = map[string]string{"learned": "meanwhile"}
			_, err := other.Put(ctx, enginetest.Key, record, current.Revision)
			return err
		})
		_, err = k.Reconcile(t.Context(), enginetest.Key)
		require.ErrorIs(t, err, store.ErrConflict)
		record, _ := read(t, b)
		require.Equal(t, "meanwhile", record.GetLedger()[0].GetAttributes()["learned"])
	})
}

func TestARefusalTellsNothingOfWhatAnotherAskedForWithTheSameToken(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		y := newFakeCloud()
		_, err := b.Networks().Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		other := b.Open(t, store.Options{})
		var asked time.Time
		y.onCreate = func(string) error {
			// Another that holds the key repeats the request, and its call is still on its way.
			time.Sleep(time.Second)
			asked = time.Now()
			current, _ := other.Get(enginetest.Key)
			record := current.Clone().Record
			record.GetLedger()[0].UncertainTime = timestamppb.New(asked)
			if _, err := other.Put(t.Context(), enginetest.Key, record, current.Revision); err != nil {
				return err
			}
			return &fault.Fault{Kind: fault.Precondition, Class: fault.Configuration, AWSCode: "InvalidParameterValue", Message: "not yet"}
		}
		_, err = newReconciler(b.Bucket, y).Reconcile(t.Context(), enginetest.Key)
		require.ErrorIs(t, err, store.ErrConflict)
		record, _ := read(t, b)
		vpc := reconciler.Entries(record.Record)["vpc"]
		require.Equal(t, graph.Intended, vpc.State, "the other's request may be granted yet")
		require.Equal(t, 1, vpc.Attempt)
		require.WithinDuration(t, asked, vpc.UncertainTime, 0)
	})
}
