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
		require.Greater(t, again, 2*time.Hour-time.Minute)

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
