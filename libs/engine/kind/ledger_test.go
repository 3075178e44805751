package kind_test

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
	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/kind"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/fault"
)

func TestTheIntentsOfAWaveCostOneOrTwoWrites(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		y := newYard()
		n := wanted()
		n.Spec.Vpc.Zones = 30
		_, err := b.networks().Apply(t.Context(), n, false)
		require.NoError(t, err)
		b.puts = 0
		pass(t, reconciler(b.bucket, y))
		require.Len(t, y.boxes, 31)
		require.GreaterOrEqual(t, b.puts, 3, "one a wave and one at the end")
		require.LessOrEqual(t, b.puts, 10, "a few for a wave, however the machine schedules it, not one for each of 31 things")
	})
}

// stored are the states of the ledger by name.
func stored(record store.Record) map[string]string {
	states := make(map[string]string)
	for name, e := range kind.Entries(record.Record) {
		states[name] = fmt.Sprintf("%d %s", e.State, e.ID)
	}
	return states
}

func TestAWriteOfAnotherFencesThePassAndItsFactsAreKept(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		networks, y := b.networks(), newYard()
		elsewhere := &kind.Collection[*networkv1.Network]{Noun: kind.Networks, Bucket: b.open(t, store.Options{})}
		_, err := networks.Apply(t.Context(), wanted(), false)
		require.NoError(t, err)
		y.acted = func(name string) {
			if name == "vpc" {
				label(t, elsewhere, "orchid", "silver")
			}
		}
		k := reconciler(b.bucket, y)
		_, err = k.Reconcile(t.Context(), key)
		require.ErrorIs(t, err, store.ErrConflict)
		require.Len(t, y.boxes, 1, "nothing is created without a stored intent")
		record, n := read(t, b)
		require.Equal(t, "silver", n.GetLabels()["tier"], "the write of the other is kept")
		require.Equal(t, map[string]string{"vpc": fmt.Sprintf("%d id of vpc", graph.Ready)}, stored(record), "and so is what the pass learned")

		y.acted = nil
		pass(t, k)
		require.Len(t, y.boxes, 4)
		_, n = read(t, b)
		require.Equal(t, typev1.State_READY, n.GetStatus().GetState())
	})
}

var errDead = errors.New("the process is dead")

func TestACrashBetweenTheIntentAndItsIDLeadsToOneThing(t *testing.T) {
	for title, crash := range map[string]struct{ acts bool }{"before the create": {false}, "after the create": {true}} {
		t.Run(title, func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bench) {
				y := newYard()
				_, err := b.networks().Apply(t.Context(), wanted(), false)
				require.NoError(t, err)
				die := func() { b.fault = func(string, string, bool) error { return errDead } }
				if crash.acts {
					y.acted = func(string) { die() }
				} else {
					y.creates = func(string) error { die(); return errDead }
				}
				_, err = reconciler(b.bucket, y).Reconcile(t.Context(), key)
				require.ErrorIs(t, err, errDead)
				record, _ := read(t, b)
				require.Equal(t, map[string]string{"vpc": fmt.Sprintf("%d ", graph.Intended)}, stored(record))

				b.fault, y.acted, y.creates = nil, nil, nil
				b.bucket = b.open(t, store.Options{})
				k, passes := reconciler(b.bucket, y), 0
				for again := pass(t, k); again < 5*time.Minute; again = pass(t, k) {
					time.Sleep(again)
					passes++
				}
				require.Len(t, y.boxes, 4)
				if crash.acts {
					require.Zero(t, passes, "what shows is taken over at once")
				}
				record, _ = read(t, b)
				attempt := map[bool]int{true: 1, false: 2}[crash.acts]
				require.Equal(t, attempt, kind.Entries(record.Record)["vpc"].Attempt)
			})
		})
	}
}

func TestTwoReplicasThatBothBelieveTheyOwnAKeyMakeOneOfEverything(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		y := newYard()
		var mu sync.Mutex
		var created []string
		y.creates = func(name string) error {
			mu.Lock()
			defer mu.Unlock()
			created = append(created, name)
			return nil
		}
		_, err := b.networks().Apply(t.Context(), wanted(), false)
		require.NoError(t, err)
		replicas := []*kind.Reconciler[*networkv1.Network]{reconciler(b.bucket, y), reconciler(b.open(t, store.Options{}), y)}
		synctest.Wait()
		var wg sync.WaitGroup
		for _, k := range replicas {
			wg.Go(func() {
				for {
					if again, err := k.Reconcile(t.Context(), key); err == nil && again > time.Minute {
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
	inBubble(t, func(t *testing.T, b *bench) {
		y := newYard()
		_, err := b.networks().Apply(t.Context(), wanted(), false)
		require.NoError(t, err)
		pass(t, reconciler(b.bucket, y))
		time.Sleep(25 * time.Hour) // Everything is due to be looked at, so that the pass writes.

		other, k := b.open(t, store.Options{}), reconciler(b.bucket, y)
		k.Prepare = func(ctx context.Context, _ *networkv1.Network, _ *recordv1.Record) error {
			current, _ := other.Get(key)
			record := current.Clone().Record
			record.GetLedger()[0].Attributes = map[string]string{"learned": "meanwhile"}
			_, err := other.Put(ctx, key, record, current.Revision)
			return err
		}
		_, err = k.Reconcile(t.Context(), key)
		require.ErrorIs(t, err, store.ErrConflict)
		record, _ := read(t, b)
		require.Equal(t, "meanwhile", record.GetLedger()[0].GetAttributes()["learned"])
	})
}

func TestARefusalTellsNothingOfWhatAnotherAskedForWithTheSameToken(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		y := newYard()
		_, err := b.networks().Apply(t.Context(), wanted(), false)
		require.NoError(t, err)
		other := b.open(t, store.Options{})
		var asked time.Time
		y.creates = func(string) error {
			// Another that holds the key repeats the request, and its call is still on its way.
			time.Sleep(time.Second)
			asked = time.Now()
			current, _ := other.Get(key)
			record := current.Clone().Record
			record.GetLedger()[0].DoubtTime = timestamppb.New(asked)
			if _, err := other.Put(t.Context(), key, record, current.Revision); err != nil {
				return err
			}
			return &fault.Fault{Kind: fault.Precondition, Class: fault.Configuration, AWSCode: "InvalidParameterValue", Message: "not yet"}
		}
		_, err = reconciler(b.bucket, y).Reconcile(t.Context(), key)
		require.ErrorIs(t, err, store.ErrConflict)
		record, _ := read(t, b)
		vpc := kind.Entries(record.Record)["vpc"]
		require.Equal(t, graph.Intended, vpc.State, "the other's request may be granted yet")
		require.Equal(t, 1, vpc.Attempt)
		require.WithinDuration(t, asked, vpc.DoubtTime, 0)
	})
}
