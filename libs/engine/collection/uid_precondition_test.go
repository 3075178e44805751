package collection_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"

	"github.com/skep-dev/skep/libs/engine/collection"
	"github.com/skep-dev/skep/libs/engine/internal/enginetest"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/fault"
)

func TestAStalledWriteDoesNotChangeALaterObject(t *testing.T) {
	flat := func() *networkv1.Network {
		n := enginetest.Network()
		n.Spec.Vpc.Egress = networkv1.ManagedVpc_NAT_SINGLE
		return n
	}
	for title, test := range map[string]struct {
		write   func(ctx context.Context, networks *collection.Collection[*networkv1.Network]) error
		refused *fault.Kind
	}{
		"a delete returns NotFound": {func(ctx context.Context, networks *collection.Collection[*networkv1.Network]) error {
			_, err := networks.Delete(ctx, &networkv1.DeleteNetworkRequest{Name: enginetest.Name})
			return err
		}, new(fault.NotFound)},
		"a delete with allow_missing succeeds": {func(ctx context.Context, networks *collection.Collection[*networkv1.Network]) error {
			_, err := networks.Delete(ctx, &networkv1.DeleteNetworkRequest{Name: enginetest.Name, AllowMissing: true})
			return err
		}, nil},
		"an apply returns Conflict": {func(ctx context.Context, networks *collection.Collection[*networkv1.Network]) error {
			_, err := networks.Apply(ctx, flat(), false)
			return err
		}, new(fault.Conflict)},
		"an update returns NotFound": {func(ctx context.Context, networks *collection.Collection[*networkv1.Network]) error {
			_, err := networks.Update(ctx, flat(), &fieldmaskpb.FieldMask{Paths: []string{"spec.vpc.egress"}}, false)
			return err
		}, new(fault.NotFound)},
	} {
		t.Run(title, func(t *testing.T) {
			enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
				other := b.Open(t, store.Options{})
				_, err := b.Networks().Apply(t.Context(), enginetest.Network(), false)
				require.NoError(t, err)
				synctest.Wait() // The cache of the other replica is current.

				later := *b.Networks()
				later.Bucket = other
				var second *networkv1.Network
				b.Fault = func(string, string, bool) error {
					b.Fault = nil
					record, _ := other.Get(enginetest.Key)
					require.NoError(t, other.Delete(t.Context(), enginetest.Key, record.Revision))
					second, err = later.Create(t.Context(), enginetest.Network(), "", false)
					require.NoError(t, err)
					return nil
				}
				err = test.write(t.Context(), b.Networks())
				if test.refused == nil {
					require.NoError(t, err)
				} else {
					require.True(t, fault.Is(err, *test.refused), "%v", err)
				}
				stored, err := later.Get(enginetest.Name)
				require.NoError(t, err)
				require.Equal(t, second.GetUid(), stored.GetUid())
				require.Equal(t, second.GetEtag(), stored.GetEtag(), "the later object is unchanged")
			})
		})
	}
}

func TestDeleteWithAUidDeletesOnlyThatObject(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		networks := b.Networks()
		created, err := networks.Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		_, err = networks.Delete(t.Context(), &networkv1.DeleteNetworkRequest{Name: enginetest.Name, Uid: "another111"})
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
		require.ErrorContains(t, err, "another object has this name")
		_, err = networks.Delete(t.Context(), &networkv1.DeleteNetworkRequest{Name: enginetest.Name, Uid: "another111", AllowMissing: true})
		require.NoError(t, err)
		stored, err := networks.Get(enginetest.Name)
		require.NoError(t, err)
		require.Nil(t, stored.GetDeleteTime())
		deleted, err := networks.Delete(t.Context(), &networkv1.DeleteNetworkRequest{Name: enginetest.Name, Uid: created.GetUid()})
		require.NoError(t, err)
		require.NotNil(t, deleted.GetDeleteTime())
	})
}

func TestAWriteIsNotRetriedForACanceledCaller(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		networks, other := b.Networks(), b.Open(t, store.Options{})
		_, err := networks.Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		synctest.Wait() // The cache of the other replica is current.
		ctx, leave := context.WithCancel(t.Context())
		b.Fault = func(string, string, bool) error {
			b.Fault = nil
			record, _ := other.Get(enginetest.Key)
			changed := record.Clone().Record
			changed.ReadyGeneration++
			_, err := other.Put(t.Context(), enginetest.Key, changed, record.Revision)
			require.NoError(t, err)
			synctest.Wait()
			leave()
			return nil
		}
		_, err = networks.Delete(ctx, &networkv1.DeleteNetworkRequest{Name: enginetest.Name})
		require.Error(t, err)
		b.Fault = nil
		stored, err := networks.Get(enginetest.Name)
		require.NoError(t, err)
		require.Nil(t, stored.GetDeleteTime())
	})
}
