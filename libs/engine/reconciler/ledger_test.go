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

func TestConcurrentIntentsShareWrites(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		aws := newFakeAWS()
		n := enginetest.Network()
		n.Spec.Vpc.Zones = 30
		_, err := b.Networks().Apply(t.Context(), n, false)
		require.NoError(t, err)
		b.Puts = 0
		reconcileOnce(t, newReconciler(b.Bucket, aws))
		require.Len(t, aws.tokens, 31)
		require.GreaterOrEqual(t, b.Puts, 3, "one for each level of the graph and one at the end")
		// How many share one depends on the scheduler: 11 writes on a busy machine.
		require.LessOrEqual(t, b.Puts, 16, "a few for each level of the graph, not one for each of 31 resources")
	})
}

// ledgerStates returns state and id of the ledger entries by name.
func ledgerStates(record store.Record) map[string]string {
	states := make(map[string]string)
	for name, e := range reconciler.Entries(record.Record) {
		states[name] = fmt.Sprintf("%d %s", e.State, e.ID)
	}
	return states
}

func TestAConflictStopsCreatesAndKeepsTheFacts(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		networks, aws := b.Networks(), newFakeAWS()
		elsewhere := &collection.Collection[*networkv1.Network]{Type: object.Networks, Bucket: b.Open(t, store.Options{})}
		_, err := networks.Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		aws.afterCreate = func(name string) {
			if name == "vpc" {
				enginetest.SetTier(t, elsewhere, "orchid", "silver")
			}
		}
		rec := newReconciler(b.Bucket, aws)
		_, err = rec.Reconcile(t.Context(), enginetest.Key)
		require.ErrorIs(t, err, store.ErrConflict)
		require.Len(t, aws.tokens, 1, "no create without a stored intent")
		record, n := read(t, b)
		require.Equal(t, "silver", n.GetLabels()["tier"], "the other write survives")
		require.Equal(t, map[string]string{"vpc": fmt.Sprintf("%d id of vpc", graph.Ready)}, ledgerStates(record), "the facts of the reconciliation survive")

		aws.afterCreate = nil
		reconcileOnce(t, rec)
		require.Len(t, aws.tokens, 4)
		_, n = read(t, b)
		require.Equal(t, typev1.State_READY, n.GetStatus().GetState())
	})
}

var errDead = errors.New("the process is dead")

func TestACrashAfterTheIntentLeadsToOneResource(t *testing.T) {
	for title, crash := range map[string]struct{ acts bool }{"before the create": {false}, "after the create": {true}} {
		t.Run(title, func(t *testing.T) {
			enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
				aws := newFakeAWS()
				_, err := b.Networks().Apply(t.Context(), enginetest.Network(), false)
				require.NoError(t, err)
				die := func() { b.Fault = func(string, string, bool) error { return errDead } }
				if crash.acts {
					aws.afterCreate = func(string) { die() }
				} else {
					aws.onCreate = func(string) error { die(); return errDead }
				}
				_, err = newReconciler(b.Bucket, aws).Reconcile(t.Context(), enginetest.Key)
				require.ErrorIs(t, err, errDead)
				record, _ := read(t, b)
				require.Equal(t, map[string]string{"vpc": fmt.Sprintf("%d ", graph.Intended)}, ledgerStates(record))

				b.Fault, aws.afterCreate, aws.onCreate = nil, nil, nil
				b.Bucket = b.Open(t, store.Options{})
				rec, retries := newReconciler(b.Bucket, aws), 0
				for requeueAfter := reconcileOnce(t, rec); requeueAfter < 5*time.Minute; requeueAfter = reconcileOnce(t, rec) {
					time.Sleep(requeueAfter)
					retries++
				}
				require.Len(t, aws.tokens, 4)
				if crash.acts {
					require.Zero(t, retries, "a visible resource is found at once")
				}
				record, _ = read(t, b)
				attempt := map[bool]int{true: 1, false: 2}[crash.acts]
				require.Equal(t, attempt, reconciler.Entries(record.Record)["vpc"].Attempt)
			})
		})
	}
}

func TestTwoReplicasWithTheSameKeyCreateEachResourceOnce(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		aws := newFakeAWS()
		var mu sync.Mutex
		var created []string
		aws.onCreate = func(name string) error {
			mu.Lock()
			defer mu.Unlock()
			created = append(created, name)
			return nil
		}
		_, err := b.Networks().Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		replicas := []*reconciler.Reconciler[*networkv1.Network]{newReconciler(b.Bucket, aws), newReconciler(b.Open(t, store.Options{}), aws)}
		synctest.Wait()
		var wg sync.WaitGroup
		for _, rec := range replicas {
			wg.Go(func() {
				for {
					if requeueAfter, err := rec.Reconcile(t.Context(), enginetest.Key); err == nil && requeueAfter > time.Minute {
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

func TestAMergeKeepsTheFactsOfAnotherReplica(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		aws := newFakeAWS()
		_, err := b.Networks().Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		reconcileOnce(t, newReconciler(b.Bucket, aws))
		time.Sleep(25 * time.Hour) // A resync is due, so the reconciliation writes.

		other, rec := b.Open(t, store.Options{}), newReconciler(b.Bucket, aws)
		prepareFirst(rec, func(ctx context.Context) error {
			current, _ := other.Get(enginetest.Key)
			record := current.Clone().Record
			record.GetLedger()[0].Attributes = map[string]string{"learned": "meanwhile"}
			_, err := other.Put(ctx, enginetest.Key, record, current.Revision)
			return err
		})
		_, err = rec.Reconcile(t.Context(), enginetest.Key)
		require.ErrorIs(t, err, store.ErrConflict)
		record, _ := read(t, b)
		require.Equal(t, "meanwhile", record.GetLedger()[0].GetAttributes()["learned"])
	})
}

func TestARefusalDoesNotHideTheRequestOfAnotherReplica(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		aws := newFakeAWS()
		_, err := b.Networks().Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		other := b.Open(t, store.Options{})
		var requested time.Time
		aws.onCreate = func(string) error {
			// Another replica repeats the request, and its call is not answered yet.
			time.Sleep(time.Second)
			requested = time.Now()
			current, _ := other.Get(enginetest.Key)
			record := current.Clone().Record
			record.GetLedger()[0].UncertainTime = timestamppb.New(requested)
			if _, err := other.Put(t.Context(), enginetest.Key, record, current.Revision); err != nil {
				return err
			}
			return &fault.Fault{Kind: fault.Precondition, Class: fault.Configuration, AWSCode: "InvalidParameterValue", Message: "not yet"}
		}
		_, err = newReconciler(b.Bucket, aws).Reconcile(t.Context(), enginetest.Key)
		require.ErrorIs(t, err, store.ErrConflict)
		record, _ := read(t, b)
		vpc := reconciler.Entries(record.Record)["vpc"]
		require.Equal(t, graph.Intended, vpc.State, "the request of the other replica may still succeed")
		require.Equal(t, 1, vpc.Attempt)
		require.WithinDuration(t, requested, vpc.UncertainTime, 0)
	})
}
