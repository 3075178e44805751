package kind_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTheRollCallFindsWhatVanishedAndLooksAtNothingElse(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		y := newYard()
		k := reconciler(b.bucket, y)
		k.Survey = 8 * time.Hour
		calls := 0
		k.Missing = func(_ context.Context, account, region string, ids []string) ([]string, error) {
			calls++
			require.Equal(t, []string{wanted().GetSpec().GetAccount(), wanted().GetSpec().GetRegion()}, []string{account, region})
			var missing []string
			for _, id := range ids {
				if y.boxes[id] == "" {
					missing = append(missing, id)
				}
			}
			return missing, nil
		}
		_, err := b.networks().Apply(t.Context(), wanted(), false)
		require.NoError(t, err)
		again := pass(t, k)
		require.Zero(t, calls, "what was just made is not missing")
		require.GreaterOrEqual(t, again, time.Hour)

		y.looks = 0
		time.Sleep(again)
		again = pass(t, k)
		require.Equal(t, 1, calls)
		require.Zero(t, y.looks, "all are on the roll")

		delete(y.boxes, "id of subnet/1")
		time.Sleep(again + time.Hour)
		pass(t, k)
		require.Equal(t, 2, calls)
		require.Equal(t, 1, y.looks, "only what is missing is looked at")
		require.Contains(t, y.boxes, "id of subnet/1", "and made again")
	})
}

func TestTheRecordsOfAnAccountAreCalledAtOneTime(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		k := reconciler(b.bucket, newYard())
		k.Survey = 8 * time.Hour
		called := make(map[string][]time.Time)
		k.Missing = func(_ context.Context, account, _ string, _ []string) ([]string, error) {
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
			network := wanted()
			network.Name, network.Spec.Account = "organizations/acme/networks/"+id, account
			_, err := b.networks().Apply(t.Context(), network, false)
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
