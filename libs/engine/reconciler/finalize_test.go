package reconciler_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/internal/enginetest"
	"github.com/skep-dev/skep/libs/engine/reconciler"
	"github.com/skep-dev/skep/libs/platform/fault"
)

func TestReleaseWaitsForTheDeleteOfUndesiredResources(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		networks, aws := b.Networks(), newFakeAWS()
		freed := false
		rec := newReconciler(b.Bucket, aws)
		rec.Release = func(_ context.Context, r *networkv1.Network, _ graph.Ledger, reported func(reconciler.Proof) bool) (string, *reconciler.Proof, error) {
			proof := reconciler.Proof{Reason: "Empty", Message: "nothing is left"}
			if r.GetSpec().GetVpc().GetEgress() == networkv1.ManagedVpc_NAT_SINGLE || freed {
				return "", nil, nil
			}
			if reported(proof) {
				freed = true
				return "", nil, nil
			}
			return "", &proof, nil
		}
		used := enginetest.Network()
		used.Spec.Vpc.Egress = networkv1.ManagedVpc_NAT_SINGLE
		_, err := networks.Apply(t.Context(), used, false)
		require.NoError(t, err)
		reconcileOnce(t, rec)
		aws.onDelete = func(string) error { return fault.Preconditionf("Retry.", "the address is in use") }
		_, err = networks.Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		for range 5 {
			reconcileOnce(t, rec)
			time.Sleep(10 * time.Second)
			require.False(t, freed, "the address still exists")
		}
		aws.onDelete = nil
		for range 3 {
			reconcileOnce(t, rec)
			time.Sleep(10 * time.Second)
		}
		require.True(t, freed)
		require.NotContains(t, aws.tokens, "id of address/0")
	})
}
