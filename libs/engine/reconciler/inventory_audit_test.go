package reconciler_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/engine/internal/enginetest"
)

func TestTheRollCallFindsWhatVanishedAndLooksAtNothingElse(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		y := newFakeCloud()
		k := newReconciler(b.Bucket, y)
		k.ResyncPeriod = 8 * time.Hour
		calls := 0
		k.InventoryAudit = func(_ context.Context, account, region string, ids []string) ([]string, error) {
			calls++
			require.Equal(t, []string{enginetest.Network().GetSpec().GetAccount(), enginetest.Network().GetSpec().GetRegion()}, []string{account, region})
			var missing []string
			for _, id := range ids {
				if y.tokens[id] == "" {
					missing = append(missing, id)
				}
			}
			return missing, nil
		}
		_, err := b.Networks().Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		again := reconciliation(t, k)
		require.Zero(t, calls, "what was just made is not missing")
		require.GreaterOrEqual(t, again, time.Hour)

		y.observes = 0
		time.Sleep(again)
		again = reconciliation(t, k)
		require.Equal(t, 1, calls)
		require.Zero(t, y.observes, "all are on the roll")

		delete(y.tokens, "id of subnet/1")
		time.Sleep(again + time.Hour)
		reconciliation(t, k)
		require.Equal(t, 2, calls)
		require.Equal(t, 1, y.observes, "only what is missing is looked at")
		require.Contains(t, y.tokens, "id of subnet/1", "and made again")
	})
}

func TestTheRecordsOfAnAccountAreCalledAtOneTime(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		k := newReconciler(b.Bucket, newFakeCloud())
		k.ResyncPeriod = 8 * time.Hour
		called := make(map[string][]time.Time)
		k.InventoryAudit = func(_ context.Context, account, _ string, _ []string) ([]string, error) {
			called[account] = append(called[account], time.Now())
			return nil, nil
		}
		next := make(map[string]time.Time)
		reconcile := func(key string) {
			again, err := k.Reconcile(t.Context(), key)
			require.NoError(t, err)
			next[key] = time.Now().Add(again)
		}
		add := func(id, account string) {
			network := enginetest.Network()
			network.Name, network.Spec.Account = "organizations/acme/networks/"+id, account
			_, err := b.Networks().Apply(t.Context(), network, false)
			require.NoError(t, err)
			reconcile("networks/acme/" + id)
		}
		const main, other = "organizations/acme/accounts/main", "organizations/acme/accounts/other"
		add("orchid", main)
		time.Sleep(10 * time.Minute)
		add("tulip", main)
		add("rose", other)
		for range 9 {
			soonest := "networks/acme/orchid"
			for key, t := range next {
				if t.Before(next[soonest]) {
					soonest = key
				}
			}
			time.Sleep(time.Until(next[soonest]))
			reconcile(soonest)
		}
		require.Equal(t, called[main][0], called[main][1], "one list serves both")
		require.Equal(t, called[main][2], called[main][3])
		require.Equal(t, 2*time.Hour, called[main][2].Sub(called[main][0]))
		require.NotEqual(t, called[main][0], called[other][0], "accounts do not all ask at once")
	})
}
