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

// read returns a record and the network in it.
func read(t *testing.T, b *enginetest.Bench) (store.Record, *networkv1.Network) {
	t.Helper()
	record, ok := b.Bucket.Get(enginetest.Key)
	require.True(t, ok)
	n, err := object.Unpack[*networkv1.Network](record.Record, record.Revision)
	require.NoError(t, err)
	return record, n
}

// condition is the status and the reason of one condition.
func condition(n *networkv1.Network, kind string) string {
	for _, c := range n.GetStatus().GetConditions() {
		if c.GetType() == kind {
			return c.GetStatus().String() + " " + c.GetReason()
		}
	}
	return "none"
}

// reconciliation makes one pass that must not fail.
func reconciliation(t *testing.T, k *reconciler.Reconciler[*networkv1.Network]) time.Duration {
	t.Helper()
	again, err := k.Reconcile(t.Context(), enginetest.Key)
	require.NoError(t, err)
	return again
}

func TestAResourceLivesThroughItsStates(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		networks, y := b.Networks(), newFakeCloud()
		y.latency.Ready = 10 * time.Second
		k := newReconciler(b.Bucket, y)
		_, err := networks.Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		state := func(expected typev1.State, conditions ...string) {
			t.Helper()
			_, n := read(t, b)
			require.Equal(t, expected, n.GetStatus().GetState(), n.GetStatus().GetConditions())
			var found []string
			for _, kind := range []string{"VpcReady", "SubnetsReady", "Ready"} {
				found = append(found, condition(n, kind))
			}
			require.Equal(t, conditions, found)
		}
		rest := func() {
			for again := reconciliation(t, k); again < time.Minute; again = reconciliation(t, k) {
				time.Sleep(again)
			}
		}

		y.readyAt = time.Now().Add(10 * time.Second)
		require.Equal(t, 300*time.Millisecond, reconciliation(t, k), "the first of its kind is glanced at")
		state(typev1.State_CREATING, "FALSE Creating", "FALSE Blocked", "FALSE Creating")
		time.Sleep(10 * time.Second)
		rest()
		state(typev1.State_READY, "TRUE Ready", "TRUE Ready", "TRUE Ready")
		require.Len(t, y.tokens, 4)

		change := enginetest.Network()
		change.Spec.Vpc.Egress = networkv1.ManagedVpc_NAT_SINGLE
		_, err = networks.Apply(t.Context(), change, false)
		require.NoError(t, err)
		reconciliation(t, k)
		state(typev1.State_UPDATING, "TRUE Ready", "TRUE Ready", "FALSE Creating")
		time.Sleep(10 * time.Second)
		rest()
		state(typev1.State_READY, "TRUE Ready", "TRUE Ready", "TRUE Ready")
		require.Len(t, y.tokens, 5)

		y.mu.Lock()
		delete(y.tokens, "id of subnet/1") // Somebody removes it by hand.
		y.mu.Unlock()
		time.Sleep(20 * time.Minute)
		reconciliation(t, k)
		state(typev1.State_DEGRADED, "TRUE Ready", "FALSE Creating", "FALSE Creating")
		time.Sleep(10 * time.Second)
		rest()
		state(typev1.State_READY, "TRUE Ready", "TRUE Ready", "TRUE Ready")

		_, err = networks.Delete(t.Context(), &networkv1.DeleteNetworkRequest{Name: enginetest.Name})
		require.NoError(t, err)
		y.onDelete = func(id string) error {
			if id == "id of vpc" {
				return &fault.Fault{Class: fault.Permission, AWSCode: "UnauthorizedOperation", Message: "may not"}
			}
			return nil
		}
		reconciliation(t, k)
		state(typev1.State_DELETING, "FALSE Failed", "none", "FALSE Failed")
		y.onDelete = nil
		time.Sleep(time.Minute)
		reconciliation(t, k)
		_, there := b.Bucket.Get(enginetest.Key)
		require.False(t, there)
		require.Empty(t, y.tokens)
		require.Zero(t, reconciliation(t, k), "what is gone is left alone")
	})
}

func TestTransitionsAreNumberedWithoutGapsAndBounded(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		networks, y := b.Networks(), newFakeCloud()
		k := newReconciler(b.Bucket, y)
		_, err := networks.Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		seen := make(map[int64]string)
		look := func() int64 {
			record, _ := read(t, b)
			last := int64(0)
			for i, transition := range record.GetTransitions() {
				if i > 0 {
					require.Equal(t, last+1, transition.GetSequence())
				}
				last = transition.GetSequence()
				text := transition.GetType() + " " + transition.GetReason()
				if told, ok := seen[last]; ok {
					require.Equal(t, told, text, "a transition is never told otherwise")
				}
				seen[last] = text
			}
			require.LessOrEqual(t, len(record.GetTransitions()), 64)
			return last
		}
		reconciliation(t, k)
		require.EqualValues(t, 4, look())
		require.Equal(t, map[int64]string{1: "Created Declared", 2: "VpcReady Ready", 3: "SubnetsReady Ready", 4: "Ready Ready"}, seen)
		for range 40 {
			y.mu.Lock()
			delete(y.tokens, "id of subnet/1")
			y.mu.Unlock()
			y.onCreate = func(string) error {
				return &fault.Fault{Class: fault.Quota, AWSCode: "SubnetLimitExceeded", Message: "full"}
			}
			time.Sleep(20 * time.Minute)
			reconciliation(t, k)
			look()
			y.onCreate = nil
			time.Sleep(time.Minute)
			reconciliation(t, k)
			look()
		}
		require.Len(t, seen, int(look()), "the copier that saw every version missed none")
		require.Greater(t, look(), int64(64))
	})
}

func TestAQuotaFaultIsToldInTheCondition(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		y := newFakeCloud()
		y.onCreate = func(name string) error {
			if name == "subnet/1" {
				return &fault.Fault{Kind: fault.Exhausted, Class: fault.Quota, AWSCode: "SubnetLimitExceeded", RequestID: "r-1",
					Message: "too many subnets", Operation: "EC2 CreateSubnet", Remedy: "Raise it."}
			}
			return nil
		}
		k := newReconciler(b.Bucket, y)
		_, err := b.Networks().Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		require.Equal(t, time.Minute, reconciliation(t, k))
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
		require.Len(t, y.tokens, 3, "the rest went on")
		y.onCreate = nil
		time.Sleep(time.Minute)
		reconciliation(t, k)
		_, n = read(t, b)
		require.Equal(t, typev1.State_READY, n.GetStatus().GetState())
	})
}

func TestNothingIsWrittenWhenNothingChanged(t *testing.T) {
	quota := &fault.Fault{Kind: fault.Exhausted, Class: fault.Quota, AWSCode: "SubnetLimitExceeded", Message: "full"}
	refuse := func(string) error { return quota }
	for title, test := range map[string]struct {
		usual   graph.Latency
		creates func(string) error
		graph   error
		prepare error
	}{
		"it is ready":                            {},
		"it waits for AWS":                       {usual: graph.Latency{Ready: time.Hour}},
		"AWS refused it":                         {creates: refuse},
		"it waits for another resource":          {graph: fault.Waitingf("network orchid has no subnets yet")},
		"its graph cannot be built":              {graph: quota},
		"what is decided once cannot be decided": {prepare: quota},
	} {
		t.Run(title, func(t *testing.T) {
			enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
				y := newFakeCloud()
				y.latency, y.onCreate = test.usual, test.creates
				if test.usual.Ready > 0 {
					y.readyAt = time.Now().Add(test.usual.Ready)
				}
				k := newReconciler(b.Bucket, y)
				build := k.Graph
				k.Graph = func(ctx context.Context, r *networkv1.Network, record *recordv1.Record) (*graph.Graph, error) {
					if test.graph != nil {
						return nil, test.graph
					}
					return build(ctx, r, record)
				}
				prepareFirst(k, func(context.Context) error { return test.prepare })
				_, err := b.Networks().Apply(t.Context(), enginetest.Network(), false)
				require.NoError(t, err)
				reconciliation(t, k)
				before, n := read(t, b)
				for range 5 {
					time.Sleep(time.Second)
					reconciliation(t, k)
				}
				after, later := read(t, b)
				require.Equal(t, before.Revision, after.Revision, "%v\n%v", n.GetStatus(), later.GetStatus())
			})
		})
	}
}

func TestWhatIsSettledIsSurveyedOnceAnInterval(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		y := newFakeCloud()
		k := newReconciler(b.Bucket, y)
		_, err := b.Networks().Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		again := reconciliation(t, k)
		require.GreaterOrEqual(t, again, 10*time.Minute)
		require.LessOrEqual(t, again, 11*time.Minute)
		y.observes = 0
		time.Sleep(again - time.Second)
		reconciliation(t, k)
		require.Zero(t, y.observes, "what is ready is trusted")

		time.Sleep(time.Second)
		require.GreaterOrEqual(t, reconciliation(t, k), 10*time.Minute)
		require.Equal(t, 4, y.observes)
		for range 5 {
			time.Sleep(time.Minute)
			reconciliation(t, k)
		}
		require.Equal(t, 4, y.observes, "a pass that an event woke surveys nothing anew")

		restarted := newReconciler(b.Bucket, y)
		reconciliation(t, restarted)
		require.Equal(t, 4, y.observes, "nor does a restart")
	})
}

func TestASpecificationThatCouldNotBeBuiltIsSurveyedOnceItCan(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		y := newFakeCloud()
		k := newReconciler(b.Bucket, y)
		build := k.Graph
		_, err := b.Networks().Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		reconciliation(t, k)

		change := enginetest.Network()
		change.Spec.Vpc.Egress = networkv1.ManagedVpc_NAT_SINGLE
		_, err = b.Networks().Apply(t.Context(), change, false)
		require.NoError(t, err)
		k.Graph = func(context.Context, *networkv1.Network, *recordv1.Record) (*graph.Graph, error) {
			return nil, fault.Waitingf("not yet")
		}
		reconciliation(t, k)
		_, n := read(t, b)
		require.EqualValues(t, 1, n.GetStatus().GetObservedGeneration())

		k.Graph = build
		y.observes = 0
		reconciliation(t, k)
		require.Equal(t, 4, y.observes, "what is there may have to change for the new specification")
		_, n = read(t, b)
		require.EqualValues(t, 2, n.GetStatus().GetObservedGeneration())
	})
}

func TestALocalKindLooksAtEverythingAndStillWritesNothing(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		y := newFakeCloud()
		k := newReconciler(b.Bucket, y)
		k.AlwaysObserve = true
		_, err := b.Networks().Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		reconciliation(t, k)
		before, _ := read(t, b)
		y.observes = 0
		require.Greater(t, reconciliation(t, k), 9*time.Minute)
		require.Equal(t, 4, y.observes)
		after, _ := read(t, b)
		require.Equal(t, before.Revision, after.Revision)
	})
}

func TestWhatIsStuckIsSurveyedNoMoreOftenThanTheRest(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		y := newFakeCloud()
		y.onCreate = func(name string) error {
			if name != "subnet/1" {
				return nil
			}
			return &fault.Fault{Class: fault.Quota, AWSCode: "SubnetLimitExceeded", Message: "full"}
		}
		k := newReconciler(b.Bucket, y)
		_, err := b.Networks().Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		reconciliation(t, k)
		time.Sleep(20 * time.Minute)
		reconciliation(t, k)
		require.Equal(t, 3, y.observes)
		for range 5 {
			time.Sleep(time.Minute)
			reconciliation(t, k)
		}
		require.Equal(t, 3, y.observes)
	})
}

func TestAKeyOfAnotherKindIsLeftAlone(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		_, err := b.Networks().Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		k := newReconciler(b.Bucket, newFakeCloud())
		again, err := k.Reconcile(t.Context(), "controlPlanes/acme/orchid")
		require.NoError(t, err)
		require.Zero(t, again)
		again, err = reconciler.Each(reconcilerOf(object.ControlPlanes, k), k)(t.Context(), enginetest.Key)
		require.NoError(t, err)
		require.NotZero(t, again)
	})
}

func reconcilerOf(noun object.Type, k *reconciler.Reconciler[*networkv1.Network]) *reconciler.Reconciler[*networkv1.Network] {
	return &reconciler.Reconciler[*networkv1.Network]{Type: noun, Bucket: k.Bucket}
}
