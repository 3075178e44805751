package reconciler_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/engine/internal/enginetest"
)

func TestTheInventoryAuditObservesOnlyMissingResources(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		aws := newFakeAWS()
		rec := newReconciler(b.Bucket, aws)
		rec.ResyncPeriod = 8 * time.Hour
		calls := 0
		rec.InventoryAudit = func(_ context.Context, account, region string, ids []string) ([]string, error) {
			calls++
			require.Equal(t, []string{enginetest.Network().GetSpec().GetAccount(), enginetest.Network().GetSpec().GetRegion()}, []string{account, region})
			var missing []string
			for _, id := range ids {
				if aws.tokens[id] == "" {
					missing = append(missing, id)
				}
			}
			return missing, nil
		}
		_, err := b.Networks().Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		requeueAfter := reconcileOnce(t, rec)
		require.Zero(t, calls, "new resources are not audited")
		require.GreaterOrEqual(t, requeueAfter, time.Hour)

		aws.observes = 0
		time.Sleep(requeueAfter)
		requeueAfter = reconcileOnce(t, rec)
		require.Equal(t, 1, calls)
		require.Zero(t, aws.observes, "no resource is missing")

		delete(aws.tokens, "id of subnet/1")
		time.Sleep(requeueAfter + time.Hour)
		reconcileOnce(t, rec)
		require.Equal(t, 2, calls)
		require.Equal(t, 1, aws.observes, "only the missing resource is observed")
		require.Contains(t, aws.tokens, "id of subnet/1", "the missing resource is created again")
	})
}

func TestRecordsOfAnAccountAreAuditedAtTheSameTime(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		rec := newReconciler(b.Bucket, newFakeAWS())
		rec.ResyncPeriod = 8 * time.Hour
		called := make(map[string][]time.Time)
		rec.InventoryAudit = func(_ context.Context, account, _ string, _ []string) ([]string, error) {
			called[account] = append(called[account], time.Now())
			return nil, nil
		}
		next := make(map[string]time.Time)
		reconcile := func(key string) {
			requeueAfter, err := rec.Reconcile(t.Context(), key)
			require.NoError(t, err)
			next[key] = time.Now().Add(requeueAfter)
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
		require.Equal(t, called[main][0], called[main][1], "one list serves both records")
		require.Equal(t, called[main][2], called[main][3])
		require.Equal(t, 2*time.Hour, called[main][2].Sub(called[main][0]))
		require.NotEqual(t, called[main][0], called[other][0], "accounts are audited at different times")
	})
}
