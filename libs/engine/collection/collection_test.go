package collection_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/engine/collection"
	"github.com/skep-dev/skep/libs/engine/internal/enginetest"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/fault"
)

func TestCreateSetsTheFieldsOfTheServer(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		claimed := enginetest.Network()
		claimed.Uid, claimed.Generation = "mine", 7
		claimed.Status = &networkv1.NetworkStatus{VpcId: "vpc-forged"}
		created, err := b.Networks().Create(t.Context(), claimed, "request-1", false)
		require.NoError(t, err)
		require.Regexp(t, `^[a-z][a-z2-9]{9}$`, created.GetUid())
		require.EqualValues(t, 1, created.GetGeneration())
		require.Equal(t, typev1.State_CREATING, created.GetStatus().GetState())
		require.Empty(t, created.GetStatus().GetVpcId())
		require.Equal(t, time.Now(), created.GetCreateTime().AsTime().Local())
		record, ok := b.Bucket.Get(enginetest.Key)
		require.True(t, ok)
		require.Equal(t, strconv.FormatUint(record.Revision, 10), created.GetEtag())
		require.Len(t, record.GetTransitions(), 1)
		require.EqualValues(t, 1, record.GetTransitions()[0].GetSequence())

		again, err := b.Networks().Create(t.Context(), enginetest.Network(), "request-1", false)
		require.NoError(t, err)
		require.True(t, proto.Equal(created, again), "a repeated request returns the created object")
		for _, request := range []string{"", "request-2"} {
			_, err = b.Networks().Create(t.Context(), enginetest.Network(), request, false)
			require.True(t, fault.Is(err, fault.Exists), "%v", err)
		}
	})
}

func TestApplyWithoutAChangeWritesNothing(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		first, err := b.Networks().Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		time.Sleep(time.Hour)
		second, err := b.Networks().Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		require.True(t, proto.Equal(first, second))
		require.Equal(t, 1, b.Puts)

		relabelled := enginetest.Network()
		relabelled.Labels = map[string]string{"tier": "silver"}
		third, err := b.Networks().Apply(t.Context(), relabelled, false)
		require.NoError(t, err)
		require.EqualValues(t, 1, third.GetGeneration(), "labels are not part of the spec")
		require.NotEqual(t, first.GetEtag(), third.GetEtag())

		relabelled.Spec.Vpc.Egress = networkv1.ManagedVpc_NAT_SINGLE
		fourth, err := b.Networks().Apply(t.Context(), relabelled, false)
		require.NoError(t, err)
		require.EqualValues(t, 2, fourth.GetGeneration())
		require.Equal(t, first.GetUid(), fourth.GetUid())
		require.Equal(t, first.GetCreateTime().AsTime(), fourth.GetCreateTime().AsTime())
	})
}

func TestAnEtagMatchesOneVersion(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		networks := b.Networks()
		absent := enginetest.Network()
		absent.Etag = "1"
		_, err := networks.Apply(t.Context(), absent, false)
		require.True(t, fault.Is(err, fault.Conflict), "%v", err)

		first, err := networks.Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		change := enginetest.Network()
		change.Spec.Vpc.Egress, change.Etag = networkv1.ManagedVpc_NAT_SINGLE, first.GetEtag()
		second, err := networks.Apply(t.Context(), change, false)
		require.NoError(t, err)

		_, err = networks.Apply(t.Context(), change, false)
		require.True(t, fault.Is(err, fault.Conflict), "%v", err)
		_, err = networks.Delete(t.Context(), &networkv1.DeleteNetworkRequest{Name: enginetest.Name, Etag: first.GetEtag()})
		require.True(t, fault.Is(err, fault.Conflict), "%v", err)
		_, err = networks.Delete(t.Context(), &networkv1.DeleteNetworkRequest{Name: enginetest.Name, Etag: second.GetEtag()})
		require.NoError(t, err)
	})
}

func TestTheFaultNamesEveryImmutableField(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		networks := b.Networks()
		networks.Validate = func(_ context.Context, old, desired *networkv1.Network) error {
			if old != nil && desired.GetSpec().GetVpc().GetEgress() == networkv1.ManagedVpc_NONE {
				return fault.InvalidFields(fault.Field{Path: "spec.vpc.egress", Message: "is needed"})
			}
			return nil
		}
		_, err := networks.Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		for title, test := range map[string]struct {
			change func(*networkv1.Network)
			paths  []string
		}{
			"all of them": {func(n *networkv1.Network) {
				n.Spec.Account, n.Spec.Region = "organizations/acme/accounts/other", "eu-west-1"
				n.Spec.Vpc = &networkv1.ManagedVpc{Cidr: "10.1.0.0/16", Zones: 2, Egress: networkv1.ManagedVpc_NAT_PER_ZONE}
			}, []string{"spec.account", "spec.region", "spec.vpc.cidr", "spec.vpc.zones"}},
			"one, and an error of Validate": {func(n *networkv1.Network) {
				n.Spec.Region, n.Spec.Vpc.Egress = "eu-west-1", networkv1.ManagedVpc_NONE
			}, []string{"spec.region", "spec.vpc.egress"}},
			"those of an omitted message": {func(n *networkv1.Network) { n.Spec.Vpc = nil }, []string{"spec.vpc.cidr", "spec.vpc.zones"}},
			"those of an omitted spec": {func(n *networkv1.Network) { n.Spec = nil },
				[]string{"spec.account", "spec.region", "spec.vpc.cidr", "spec.vpc.zones"}},
		} {
			n := enginetest.Network()
			test.change(n)
			_, err := networks.Apply(t.Context(), n, false)
			require.Error(t, err, title)
			var paths []string
			for _, field := range fault.Of(err).Fields {
				paths = append(paths, field.Path)
			}
			require.Equal(t, test.paths, paths, title)
			stored, err := networks.Get(enginetest.Name)
			require.NoError(t, err)
			require.True(t, proto.Equal(enginetest.Network().GetSpec(), stored.GetSpec()), title)
		}
	})
}

func TestValidateOnlyChangesNothing(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		networks := b.Networks()
		result, err := networks.Create(t.Context(), enginetest.Network(), "", true)
		require.NoError(t, err)
		require.NotEmpty(t, result.GetUid())
		_, err = networks.Apply(t.Context(), enginetest.Network(), true)
		require.NoError(t, err)
		require.Empty(t, b.Bucket.List(""))

		_, err = networks.Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		before, _ := b.Bucket.Get(enginetest.Key)
		change := enginetest.Network()
		change.Spec.Vpc.Egress = networkv1.ManagedVpc_NAT_SINGLE
		result, err = networks.Apply(t.Context(), change, true)
		require.NoError(t, err)
		require.EqualValues(t, 2, result.GetGeneration())
		_, err = networks.Update(t.Context(), change, &fieldmaskpb.FieldMask{Paths: []string{"spec.vpc.egress"}}, true)
		require.NoError(t, err)
		_, err = networks.Delete(t.Context(), &networkv1.DeleteNetworkRequest{Name: enginetest.Name, ValidateOnly: true})
		require.NoError(t, err)
		after, _ := b.Bucket.Get(enginetest.Key)
		require.Equal(t, before.Revision, after.Revision)
		require.True(t, proto.Equal(before.Record, after.Record), "the cache is unchanged")
		require.Equal(t, 1, b.Puts)
	})
}

func TestDeleteIsIdempotent(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		networks := b.Networks()
		_, err := networks.Delete(t.Context(), &networkv1.DeleteNetworkRequest{Name: enginetest.Name})
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
		_, err = networks.Delete(t.Context(), &networkv1.DeleteNetworkRequest{Name: enginetest.Name, AllowMissing: true})
		require.NoError(t, err)

		_, err = networks.Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		first, err := networks.Delete(t.Context(), &networkv1.DeleteNetworkRequest{Name: enginetest.Name})
		require.NoError(t, err)
		require.Equal(t, typev1.State_DELETING, first.GetStatus().GetState())
		time.Sleep(time.Minute)
		second, err := networks.Delete(t.Context(), &networkv1.DeleteNetworkRequest{Name: enginetest.Name})
		require.NoError(t, err)
		require.True(t, proto.Equal(first, second))

		for title, change := range map[string]func(*networkv1.Network){
			"a changed spec": func(n *networkv1.Network) { n.Spec.Vpc.Egress = networkv1.ManagedVpc_NAT_SINGLE },
			"the same spec":  func(*networkv1.Network) {},
		} {
			n := enginetest.Network()
			change(n)
			_, err = networks.Apply(t.Context(), n, false)
			require.True(t, fault.Is(err, fault.Precondition), "%s during the delete: %v", title, err)
		}
	})
}

func TestUpdateChangesTheMaskedFields(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		networks := b.Networks()
		_, err := networks.Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		change := &networkv1.Network{Name: enginetest.Name, Labels: map[string]string{"tier": "silver"}, Spec: &networkv1.NetworkSpec{
			Region: "eu-west-1", Vpc: &networkv1.ManagedVpc{Egress: networkv1.ManagedVpc_NAT_SINGLE},
		}}
		mask := func(paths ...string) *fieldmaskpb.FieldMask { return &fieldmaskpb.FieldMask{Paths: paths} }

		updated, err := networks.Update(t.Context(), change, mask("spec.vpc.egress"), false)
		require.NoError(t, err)
		require.Equal(t, networkv1.ManagedVpc_NAT_SINGLE, updated.GetSpec().GetVpc().GetEgress())
		require.Equal(t, "10.0.0.0/16", updated.GetSpec().GetVpc().GetCidr())
		require.Equal(t, "eu-central-1", updated.GetSpec().GetRegion())
		require.Equal(t, "gold", updated.GetLabels()["tier"])

		updated, err = networks.Update(t.Context(), change, mask("labels"), false)
		require.NoError(t, err)
		require.Equal(t, map[string]string{"tier": "silver"}, updated.GetLabels())

		_, err = networks.Update(t.Context(), change, nil, false)
		require.True(t, fault.Is(err, fault.Invalid), "without a mask the region is changed too: %v", err)
		_, err = networks.Update(t.Context(), change, mask("spec.region"), false)
		require.Equal(t, "spec.region", fault.Of(err).Fields[0].Path)

		for _, path := range []string{"status", "status.state", "uid", "generation", "create_time", "delete_time", "spec.colour", "colour"} {
			_, err = networks.Update(t.Context(), change, mask(path), false)
			require.True(t, fault.Is(err, fault.Invalid), path)
			require.Equal(t, "updateMask", fault.Of(err).Fields[0].Path, path)
		}
		stale := proto.CloneOf(change)
		stale.Etag = "1"
		_, err = networks.Update(t.Context(), stale, mask("labels"), false)
		require.True(t, fault.Is(err, fault.Conflict), "%v", err)
		_, err = networks.Update(t.Context(), enginetest.NetworkNamed("organizations/acme/networks/none"), mask("labels"), false)
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
	})
}

func TestAReconcilerWriteCausesNoConflictWithoutAnEtag(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		networks, other := b.Networks(), b.Open(t, store.Options{})
		first, err := networks.Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		interfere := func() {
			synctest.Wait() // The cache of the other replica is current.
			once := true
			b.Fault = func(string, string, bool) error {
				if once {
					once = false
					record, _ := other.Get(enginetest.Key)
					changed := record.Clone().Record
					changed.ReadyGeneration++
					_, err := other.Put(t.Context(), enginetest.Key, changed, record.Revision)
					require.NoError(t, err)
				}
				return nil
			}
		}
		change := enginetest.Network()
		change.Spec.Vpc.Egress = networkv1.ManagedVpc_NAT_SINGLE
		interfere()
		changed, err := networks.Apply(t.Context(), change, false)
		require.NoError(t, err)
		require.EqualValues(t, 2, changed.GetGeneration())
		record, _ := b.Bucket.Get(enginetest.Key)
		require.EqualValues(t, 1, record.GetReadyGeneration(), "the other write survives")

		change.Etag, change.Spec.Vpc.Egress = changed.GetEtag(), networkv1.ManagedVpc_NONE
		interfere()
		_, err = networks.Apply(t.Context(), change, false)
		require.True(t, fault.Is(err, fault.Conflict), "conflict with an etag: %v", err)

		interfere()
		deleted, err := networks.Delete(t.Context(), &networkv1.DeleteNetworkRequest{Name: enginetest.Name})
		require.NoError(t, err)
		require.NotNil(t, deleted.GetDeleteTime())
		require.Equal(t, first.GetUid(), deleted.GetUid())
	})
}

func TestAnUpdateKeepsAConcurrentChange(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		networks := b.Networks()
		_, err := networks.Apply(t.Context(), enginetest.Network(), false)
		require.NoError(t, err)
		other := &collection.Collection[*networkv1.Network]{Type: object.Networks, Bucket: b.Open(t, store.Options{})}
		synctest.Wait() // The cache of the other replica is current.
		once := true
		b.Fault = func(string, string, bool) error {
			if once {
				once = false
				change := enginetest.Network()
				change.Labels = map[string]string{"tier": "platinum"}
				_, err := other.Apply(t.Context(), change, false)
				require.NoError(t, err)
			}
			return nil
		}
		change := &networkv1.Network{Name: enginetest.Name, Spec: &networkv1.NetworkSpec{Vpc: &networkv1.ManagedVpc{Egress: networkv1.ManagedVpc_NAT_SINGLE}}}
		updated, err := networks.Update(t.Context(), change, &fieldmaskpb.FieldMask{Paths: []string{"spec.vpc.egress"}}, false)
		require.NoError(t, err)
		require.Equal(t, networkv1.ManagedVpc_NAT_SINGLE, updated.GetSpec().GetVpc().GetEgress())
		require.Equal(t, "platinum", updated.GetLabels()["tier"])
	})
}

func TestStoreErrorsBecomeFaults(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		b.Fault = func(string, string, bool) error { return fmt.Errorf("%w: no answer", store.ErrUnavailable) }
		_, err := b.Networks().Apply(t.Context(), enginetest.Network(), false)
		require.True(t, fault.Is(err, fault.Unavailable), "%v", err)
		b.Fault = nil
		huge := enginetest.Network()
		huge.Labels["tier"] = string(make([]byte, store.MaxSize))
		_, err = b.Networks().Apply(t.Context(), huge, false)
		require.True(t, fault.Is(err, fault.Invalid), "%v", err)
		require.Empty(t, b.Bucket.List(""))
	})
}
