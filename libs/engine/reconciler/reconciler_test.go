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
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/reconciler"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// read returns the record and its network.
func read(t *testing.T, b *enginetest.Bench) (store.Record, *networkv1.Network) {
	t.Helper()
	record, ok := b.Bucket.Get(enginetest.Key)
	require.True(t, ok)
	n, err := object.Unpack[*networkv1.Network](record.Record, record.Revision)
	require.NoError(t, err)
	return record, n
}

// condition returns status and reason of one condition.
func condition(n *networkv1.Network, conditionType string) string {
	for _, c := range n.GetStatus().GetConditions() {
		if c.GetType() == conditionType {
			return c.GetStatus().String() + " " + c.GetReason()
		}
	}
	return "none"
}

// reconcileOnce reconciles the network once and requires success.
func reconcileOnce(t *testing.T, rec *reconciler.Reconciler[*networkv1.Network]) time.Duration {
	t.Helper()
	requeueAfter, err := rec.Reconcile(t.Context(), enginetest.Key)
	require.NoError(t, err)
	return requeueAfter
}

func TestAnObjectPassesThroughItsStates(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		networks, aws := b.Networks(), newFakeAWS()
		aws.latency.Ready = 10 * time.Second
		rec := newReconciler(b.Bucket, aws)
		_, err := networks.Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		state := func(expected typev1.State, conditions ...string) {
			t.Helper()
			_, n := read(t, b)
			require.Equal(t, expected, n.GetStatus().GetState(), n.GetStatus().GetConditions())
			var found []string
			for _, conditionType := range []string{"VpcReady", "SubnetsReady", "Ready"} {
				found = append(found, condition(n, conditionType))
			}
			require.Equal(t, conditions, found)
		}
		rest := func() {
			for requeueAfter := reconcileOnce(t, rec); requeueAfter < time.Minute; requeueAfter = reconcileOnce(t, rec) {
				time.Sleep(requeueAfter)
			}
		}

		aws.readyAt = time.Now().Add(10 * time.Second)
		require.Equal(t, 300*time.Millisecond, reconcileOnce(t, rec), "the first resource of a type is polled early")
		state(typev1.State_CREATING, "FALSE Creating", "FALSE Blocked", "FALSE Creating")
		time.Sleep(10 * time.Second)
		rest()
		state(typev1.State_READY, "TRUE Ready", "TRUE Ready", "TRUE Ready")
		require.Len(t, aws.tokens, 4)

		change := enginetest.Network()
		change.Spec.Vpc.Egress = networkv1.ManagedVpc_NAT_SINGLE
		_, err = networks.Apply(t.Context(), change, false)
		require.NoError(t, err)
		reconcileOnce(t, rec)
		state(typev1.State_UPDATING, "TRUE Ready", "TRUE Ready", "FALSE Creating")
		time.Sleep(10 * time.Second)
		rest()
		state(typev1.State_READY, "TRUE Ready", "TRUE Ready", "TRUE Ready")
		require.Len(t, aws.tokens, 5)

		aws.mu.Lock()
		delete(aws.tokens, "id of subnet/1") // A user deletes the subnet by hand.
		aws.mu.Unlock()
		time.Sleep(20 * time.Minute)
		reconcileOnce(t, rec)
		state(typev1.State_DEGRADED, "TRUE Ready", "FALSE Creating", "FALSE Creating")
		time.Sleep(10 * time.Second)
		rest()
		state(typev1.State_READY, "TRUE Ready", "TRUE Ready", "TRUE Ready")

		_, err = networks.Delete(t.Context(), &networkv1.DeleteNetworkRequest{Name: enginetest.Name})
		require.NoError(t, err)
		aws.onDelete = func(id string) error {
			if id == "id of vpc" {
				return &fault.Fault{Class: fault.Permission, AWSCode: "UnauthorizedOperation", Message: "may not"}
			}
			return nil
		}
		reconcileOnce(t, rec)
		state(typev1.State_DELETING, "FALSE Failed", "none", "FALSE Failed")
		aws.onDelete = nil
		time.Sleep(time.Minute)
		reconcileOnce(t, rec)
		_, there := b.Bucket.Get(enginetest.Key)
		require.False(t, there)
		require.Empty(t, aws.tokens)
		require.Zero(t, reconcileOnce(t, rec), "a key without a record is ignored")
	})
}

func TestTransitionsAreNumberedWithoutGapsAndBounded(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		networks, aws := b.Networks(), newFakeAWS()
		rec := newReconciler(b.Bucket, aws)
		_, err := networks.Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		seen := make(map[int64]string)
		newest := func() int64 {
			record, _ := read(t, b)
			last := int64(0)
			for i, transition := range record.GetTransitions() {
				if i > 0 {
					require.Equal(t, last+1, transition.GetSequence())
				}
				last = transition.GetSequence()
				text := transition.GetType() + " " + transition.GetReason()
				if previous, ok := seen[last]; ok {
					require.Equal(t, previous, text, "a transition never changes")
				}
				seen[last] = text
			}
			require.LessOrEqual(t, len(record.GetTransitions()), 64)
			return last
		}
		reconcileOnce(t, rec)
		require.EqualValues(t, 4, newest())
		require.Equal(t, map[int64]string{1: "Created Declared", 2: "VpcReady Ready", 3: "SubnetsReady Ready", 4: "Ready Ready"}, seen)
		for range 40 {
			aws.mu.Lock()
			delete(aws.tokens, "id of subnet/1")
			aws.mu.Unlock()
			aws.onCreate = func(string) error {
				return &fault.Fault{Class: fault.Quota, AWSCode: "SubnetLimitExceeded", Message: "full"}
			}
			time.Sleep(20 * time.Minute)
			reconcileOnce(t, rec)
			newest()
			aws.onCreate = nil
			time.Sleep(time.Minute)
			reconcileOnce(t, rec)
			newest()
		}
		require.Len(t, seen, int(newest()), "a reader of every version misses no transition")
		require.Greater(t, newest(), int64(64))
	})
}

func TestTheConditionReportsAQuotaFault(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		aws := newFakeAWS()
		aws.onCreate = func(name string) error {
			if name == "subnet/1" {
				return &fault.Fault{Kind: fault.Exhausted, Class: fault.Quota, AWSCode: "SubnetLimitExceeded", RequestID: "r-1",
					Message: "too many subnets", Operation: "EC2 CreateSubnet", Remedy: "Raise it."}
			}
			return nil
		}
		rec := newReconciler(b.Bucket, aws)
		_, err := b.Networks().Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		require.Equal(t, time.Minute, reconcileOnce(t, rec))
		_, n := read(t, b)
		require.Equal(t, typev1.State_FAILED, n.GetStatus().GetState())
		for _, c := range n.GetStatus().GetConditions() {
			if c.GetType() == "VpcReady" {
				require.Equal(t, typev1.Condition_TRUE, c.GetStatus())
				continue
			}
			require.Equal(t, "Failed", c.GetReason())
			require.Equal(t, "subnet/1: EC2 CreateSubnet: too many subnets", c.GetMessage())
			f := c.GetFault()
			require.Equal(t, typev1.Fault_QUOTA, f.GetClass())
			require.Equal(t, typev1.Fault_ACCOUNT_ADMINISTRATOR, f.GetActor())
			require.Equal(t, "SubnetLimitExceeded r-1 Raise it.", f.GetAwsCode()+" "+f.GetAwsRequestId()+" "+f.GetRemedy())
		}
		require.Len(t, aws.tokens, 3, "the other resources are created")
		aws.onCreate = nil
		time.Sleep(time.Minute)
		reconcileOnce(t, rec)
		_, n = read(t, b)
		require.Equal(t, typev1.State_READY, n.GetStatus().GetState())
	})
}

func TestAnUnchangedRecordIsNotWritten(t *testing.T) {
	quota := &fault.Fault{Kind: fault.Exhausted, Class: fault.Quota, AWSCode: "SubnetLimitExceeded", Message: "full"}
	refuse := func(string) error { return quota }
	for title, test := range map[string]struct {
		latency  graph.Latency
		onCreate func(string) error
		graph    error
		prepare  error
	}{
		"ready":                    {},
		"waits for AWS":            {latency: graph.Latency{Ready: time.Hour}},
		"refused by AWS":           {onCreate: refuse},
		"waits for another object": {graph: fault.Waitingf("network orchid has no subnets yet")},
		"Graph fails":              {graph: quota},
		"Prepare fails":            {prepare: quota},
	} {
		t.Run(title, func(t *testing.T) {
			enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
				aws := newFakeAWS()
				aws.latency, aws.onCreate = test.latency, test.onCreate
				if test.latency.Ready > 0 {
					aws.readyAt = time.Now().Add(test.latency.Ready)
				}
				rec := newReconciler(b.Bucket, aws)
				build := rec.BuildGraph
				rec.BuildGraph = func(ctx context.Context, r *networkv1.Network, record *recordv1.Record) (*graph.Graph, error) {
					if test.graph != nil {
						return nil, test.graph
					}
					return build(ctx, r, record)
				}
				prepareFirst(rec, func(context.Context) error { return test.prepare })
				_, err := b.Networks().Apply(t.Context(), enginetest.Network(), false)
				require.NoError(t, err)
				reconcileOnce(t, rec)
				before, n := read(t, b)
				for range 5 {
					time.Sleep(time.Second)
					reconcileOnce(t, rec)
				}
				after, later := read(t, b)
				require.Equal(t, before.Revision, after.Revision, "%v\n%v", n.GetStatus(), later.GetStatus())
			})
		})
	}
}

func TestAReadyObjectIsResyncedOncePerPeriod(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		aws := newFakeAWS()
		rec := newReconciler(b.Bucket, aws)
		_, err := b.Networks().Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		requeueAfter := reconcileOnce(t, rec)
		require.GreaterOrEqual(t, requeueAfter, 10*time.Minute)
		require.LessOrEqual(t, requeueAfter, 11*time.Minute)
		aws.observes = 0
		time.Sleep(requeueAfter - time.Second)
		reconcileOnce(t, rec)
		require.Zero(t, aws.observes, "a ready resource is not observed")

		time.Sleep(time.Second)
		require.GreaterOrEqual(t, reconcileOnce(t, rec), 10*time.Minute)
		require.Equal(t, 4, aws.observes)
		for range 5 {
			time.Sleep(time.Minute)
			reconcileOnce(t, rec)
		}
		require.Equal(t, 4, aws.observes, "an event causes no resync")

		restarted := newReconciler(b.Bucket, aws)
		reconcileOnce(t, restarted)
		require.Equal(t, 4, aws.observes, "a restart causes no resync")
	})
}

func TestASpecWithoutAGraphIsResyncedOnceItHasOne(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		aws := newFakeAWS()
		rec := newReconciler(b.Bucket, aws)
		build := rec.BuildGraph
		_, err := b.Networks().Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		reconcileOnce(t, rec)

		change := enginetest.Network()
		change.Spec.Vpc.Egress = networkv1.ManagedVpc_NAT_SINGLE
		_, err = b.Networks().Apply(t.Context(), change, false)
		require.NoError(t, err)
		rec.BuildGraph = func(context.Context, *networkv1.Network, *recordv1.Record) (*graph.Graph, error) {
			return nil, fault.Waitingf("not yet")
		}
		reconcileOnce(t, rec)
		_, n := read(t, b)
		require.EqualValues(t, 1, n.GetStatus().GetObservedGeneration())

		rec.BuildGraph = build
		aws.observes = 0
		reconcileOnce(t, rec)
		require.Equal(t, 4, aws.observes, "a new spec causes a resync")
		_, n = read(t, b)
		require.EqualValues(t, 2, n.GetStatus().GetObservedGeneration())
	})
}

func TestAlwaysObserveWritesNothingWithoutAChange(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		aws := newFakeAWS()
		rec := newReconciler(b.Bucket, aws)
		rec.AlwaysObserve = true
		_, err := b.Networks().Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		reconcileOnce(t, rec)
		before, _ := read(t, b)
		aws.observes = 0
		require.Greater(t, reconcileOnce(t, rec), 9*time.Minute)
		require.Equal(t, 4, aws.observes)
		after, _ := read(t, b)
		require.Equal(t, before.Revision, after.Revision)
	})
}

func TestAFailedObjectIsResyncedNoMoreOftenThanOthers(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		aws := newFakeAWS()
		aws.onCreate = func(name string) error {
			if name != "subnet/1" {
				return nil
			}
			return &fault.Fault{Class: fault.Quota, AWSCode: "SubnetLimitExceeded", Message: "full"}
		}
		rec := newReconciler(b.Bucket, aws)
		_, err := b.Networks().Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		reconcileOnce(t, rec)
		time.Sleep(20 * time.Minute)
		reconcileOnce(t, rec)
		require.Equal(t, 3, aws.observes)
		for range 5 {
			time.Sleep(time.Minute)
			reconcileOnce(t, rec)
		}
		require.Equal(t, 3, aws.observes)
	})
}

func TestAKeyOfAnotherObjectTypeIsIgnored(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		_, err := b.Networks().Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		rec := newReconciler(b.Bucket, newFakeAWS())
		requeueAfter, err := rec.Reconcile(t.Context(), "controlPlanes/acme/orchid")
		require.NoError(t, err)
		require.Zero(t, requeueAfter)
		requeueAfter, err = reconciler.Each(reconcilerOf(object.ControlPlanes, rec), rec)(t.Context(), enginetest.Key)
		require.NoError(t, err)
		require.NotZero(t, requeueAfter)
	})
}

func reconcilerOf(objectType object.Type, rec *reconciler.Reconciler[*networkv1.Network]) *reconciler.Reconciler[*networkv1.Network] {
	return &reconciler.Reconciler[*networkv1.Network]{Type: objectType, Bucket: rec.Bucket}
}
