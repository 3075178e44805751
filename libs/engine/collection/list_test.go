package collection_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"

	"github.com/skep-dev/skep/libs/engine/collection"
	"github.com/skep-dev/skep/libs/engine/internal/enginetest"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/fault"
)

func apply(t *testing.T, c *collection.Collection[*networkv1.Network], names ...string) {
	t.Helper()
	for _, name := range names {
		_, err := c.Apply(t.Context(), enginetest.NetworkNamed(name), false)
		require.NoError(t, err)
	}
}

func TestAListIsReadPageByPage(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		networks := b.Networks()
		for i := range 7 {
			apply(t, networks, fmt.Sprintf("organizations/acme/networks/n%d", i))
		}
		apply(t, networks, "organizations/acme-2/networks/other")
		list := func(parent string, in *networkv1.ListNetworksRequest) ([]string, string) {
			found, next, err := networks.List(parent, in)
			require.NoError(t, err)
			var ids []string
			for _, n := range found {
				ids = append(ids, object.ID(n.GetName()))
			}
			return ids, next
		}
		const acme = "organizations/acme"
		in := &networkv1.ListNetworksRequest{Parent: acme, PageSize: 3}
		var pages [][]string
		for {
			ids, next := list(acme, in)
			pages = append(pages, ids)
			if next == "" {
				break
			}
			in.PageToken = next
		}
		require.Equal(t, [][]string{{"n0", "n1", "n2"}, {"n3", "n4", "n5"}, {"n6"}}, pages)

		ids, next := list(acme, &networkv1.ListNetworksRequest{Parent: acme, PageSize: 7})
		require.Len(t, ids, 7)
		require.Empty(t, next, "no token after a full last page")
		ids, _ = list("organizations/-", &networkv1.ListNetworksRequest{Parent: "organizations/-"})
		require.Len(t, ids, 8)
		ids, _ = list(acme, &networkv1.ListNetworksRequest{Parent: acme, Filter: `name = "*/n4" OR name = "*/n5"`})
		require.Equal(t, []string{"n4", "n5"}, ids)

		in.Filter = `labels.tier = "gold"`
		_, _, err := networks.List(acme, in)
		require.True(t, fault.Is(err, fault.Invalid), "a page token belongs to one request: %v", err)
		_, _, err = networks.List(acme, &networkv1.ListNetworksRequest{Parent: acme, Filter: "colour = 1"})
		require.Equal(t, "filter", fault.Of(err).Fields[0].Path)
	})
}

// describe returns a short form of a change.
func describe(c collection.Change[*networkv1.Network]) string {
	switch {
	case c.Synced:
		return "synced"
	case c.Deleted:
		return "deleted " + object.ID(c.Resource.GetName())
	}
	return object.ID(c.Resource.GetName()) + " " + c.Resource.GetLabels()["tier"]
}

func remove(t *testing.T, b *enginetest.Bench, id string) {
	t.Helper()
	record, ok := b.Bucket.Get("networks/acme/" + id)
	require.True(t, ok)
	require.NoError(t, b.Bucket.Delete(t.Context(), record.Key, record.Revision))
}

func TestAWatchSendsExistingObjectsAndThenChanges(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		networks := b.Networks()
		enginetest.SetTier(t, networks, "a", "gold")
		enginetest.SetTier(t, networks, "b", "silver")
		apply(t, networks, "organizations/acme-2/networks/other")
		ctx, cancel := context.WithCancel(t.Context())
		seen, ended := make(chan string, 100), make(chan error, 1)
		go func() {
			ended <- networks.Watch(ctx, "organizations/acme", `labels.tier = "gold"`, func(c collection.Change[*networkv1.Network]) error {
				seen <- describe(c)
				return nil
			})
		}()
		require.Equal(t, "a gold", <-seen)
		require.Equal(t, "synced", <-seen)
		enginetest.SetTier(t, networks, "b", "gold")
		require.Equal(t, "b gold", <-seen)
		enginetest.SetTier(t, networks, "a", "silver")
		require.Equal(t, "deleted a", <-seen, "an object that stops matching counts as deleted")
		remove(t, b, "a")
		remove(t, b, "b")
		require.Equal(t, "deleted b", <-seen)
		cancel()
		require.NoError(t, <-ended)
		require.Empty(t, seen)

		err := networks.Watch(t.Context(), "organizations/acme", "colour = 1", nil)
		require.True(t, fault.Is(err, fault.Invalid), "%v", err)
		require.ErrorIs(t, networks.Watch(t.Context(), "organizations/-", "", func(collection.Change[*networkv1.Network]) error {
			return context.DeadlineExceeded
		}), context.DeadlineExceeded)
	})
}

func TestASlowWatcherGetsTheListAgain(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		b.Bucket = b.Open(t, store.Options{Buffer: 2})
		networks := b.Networks()
		enginetest.SetTier(t, networks, "kept", "gold")
		enginetest.SetTier(t, networks, "lost", "gold")
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		seen, ended := make(chan string), make(chan error, 1)
		go func() {
			ended <- networks.Watch(ctx, "organizations/acme", "", func(c collection.Change[*networkv1.Network]) error {
				select {
				case seen <- describe(c):
				case <-ctx.Done():
				}
				return nil
			})
		}()
		for _, expected := range []string{"kept gold", "lost gold", "synced"} {
			require.Equal(t, expected, <-seen)
		}
		remove(t, b, "lost")
		for _, tier := range []string{"one", "two", "three", "four", "five"} {
			enginetest.SetTier(t, networks, "kept", tier)
		}
		synctest.Wait()
		var rest []string
		for range 5 {
			rest = append(rest, <-seen)
		}
		require.Equal(t, []string{"deleted lost", "kept one", "kept two", "kept five", "synced"}, rest)
		cancel()
		require.NoError(t, <-ended)
	})
}

func TestNamesAndKeysMapToEachOther(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		objectType object.Type
		name, key  string
	}{
		{object.Networks, "organizations/acme/networks/orchid", "networks/acme/orchid"},
		{object.ApiEndpoints, "organizations/acme/apiEndpoints/orchid", "apiEndpoints/acme/orchid"},
		{object.Organizations, "organizations/acme", "organizations/acme"},
	} {
		key, err := test.objectType.Key(test.name)
		require.NoError(t, err)
		require.Equal(t, test.key, key)
		require.Equal(t, test.name, test.objectType.Name(key))
	}
	for _, name := range []string{"", "orchid", "organizations/acme", "organizations/acme/clusters/orchid", "organizations/acme/networks/a/b", "teams/acme/networks/orchid"} {
		_, err := object.Networks.Key(name)
		require.True(t, fault.Is(err, fault.Invalid), name)
		require.Equal(t, "name", fault.Of(err).Fields[0].Path)
	}
	_, err := object.ApiEndpoints.Key("orchid")
	require.ErrorContains(t, err, "is not the name of an API endpoint")
	require.Equal(t, "acme", object.Organization("organizations/acme/networks/orchid"))
	require.Empty(t, object.Organization("orchid"))
	require.Equal(t, "orchid", object.ID("organizations/acme/networks/orchid"))
}
