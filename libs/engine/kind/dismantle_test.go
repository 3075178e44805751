package kind_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/kind"
	"github.com/skep-dev/skep/libs/platform/fault"
)

func TestNothingIsFreeBeforeWhatIsNotDeclaredAnyMoreIsGone(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		networks, y := b.networks(), newYard()
		freed := false
		k := reconciler(b.bucket, y)
		k.Release = func(_ context.Context, r *networkv1.Network, _ graph.Ledger, told func(kind.Proof) bool) (string, *kind.Proof, error) {
			proof := kind.Proof{Reason: "Empty", Message: "nothing is left"}
			if r.GetSpec().GetVpc().GetEgress() == networkv1.ManagedVpc_NAT_SINGLE || freed {
				return "", nil, nil
			}
			if told(proof) {
				freed = true
				return "", nil, nil
			}
			return "", &proof, nil
		}
		used := wanted()
		used.Spec.Vpc.Egress = networkv1.ManagedVpc_NAT_SINGLE
		_, err := networks.Apply(t.Context(), used, false)
		require.NoError(t, err)
		pass(t, k)
		y.deletes = func(string) error { return fault.Preconditionf("Wait.", "the address is in use") }
		_, err = networks.Apply(t.Context(), wanted(), false)
		require.NoError(t, err)
		for range 5 {
			pass(t, k)
			time.Sleep(10 * time.Second)
			require.False(t, freed, "its address is still there")
		}
		y.deletes = nil
		for range 3 {
			pass(t, k)
			time.Sleep(10 * time.Second)
		}
		require.True(t, freed)
		require.NotContains(t, y.boxes, "id of address/0")
	})
}
