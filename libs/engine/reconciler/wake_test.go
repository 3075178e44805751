package reconciler_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/engine/internal/enginetest"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/reconciler"
	"github.com/skep-dev/skep/libs/engine/store"
)

func TestOnlyTheReferencedObjectWakesItsReferrers(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		_, err := b.Networks().Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		wake := reconciler.WakeReferrers(b.Bucket, object.Accounts, &object.Referrers{Bucket: b.Bucket, Field: "account"})
		require.Equal(t, []string{enginetest.Key}, wake.Keys(store.Change{Key: "accounts/acme/main"}))
		require.Empty(t, wake.Keys(store.Change{Key: "accounts/acme/other"}))
		require.Empty(t, wake.Keys(store.Change{Key: "clusterIdentities/acme/main"}), "an object of another type with the same id")
	})
}
