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

func TestNothingIsFreeBeforeWhatIsNotDeclaredAnyMoreIsGone(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		networks, y := b.Networks(), newFakeCloud()
		freed := false
		k := newReconciler(b.Bucket, y)
		k.Release = func(_ context.Context, r *networkv1.Network, _ graph.Ledger, told func(reconciler.Proof) bool) (string, *reconciler.Proof, error) {
			proof := reconciler.Proof{Reason: "Empty", Message: "nothing is left"}
			if r.GetSpec().GetVpc().GetEgress() == networkv1.ManagedVpc_NAT_SINGLE || freed {
				return "", nil, nil
			}
			if told(proof) {
				freed = true
				return "", nil, nil
			}
			return "", &proof, nil
		}
		used := enginetest.Network()
		used.Spec.Vpc.Egress = networkv1.ManagedVpc_NAT_SINGLE
		_, err := networks.Apply(t.Context(), used, false)
		require.NoError(t, err)
		reconciliation(t, k)
		y.onDelete = func(string) error { return fault.Preconditionf("Wait.", "the address is in use") }
		_, err = networks.Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		for range 5 {
			reconciliation(t, k)
			time.Sleep(10 * time.Second)
			require.False(t, freed, "its address is still there")
		}
		y.onDelete = nil
		for range 3 {
			reconciliation(t, k)
			time.Sleep(10 * time.Second)
		}
		require.True(t, freed)
		require.NotContains(t, y.tokens, "id of address/0")
	})
}
