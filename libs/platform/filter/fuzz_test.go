package filter_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"

	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/libs/platform/filter"
)

// A filter is refused on its own field, or it selects: the same messages every time, and exactly those that its
// negation does not select.
func FuzzFilter(f *testing.F) {
	for _, seed := range []string{
		"", `spec.region = "eu-*"`, `labels:tier`, `NOT labels:tier`, `-labels."skep.dev/team":blue`, `generation >= 3 AND createTime < "2026-03-02T00:00:00Z"`,
		`(((generation = 3)))`, `status.conditions.reason:Throttled OR spec.vpc.zones != 3`, `spec.access.bastion`, `labels.tier = "g*" labels:tier`,
		`status.state = READY`, `a.b.c.d`, `"`, `(`, `NOT`, `x = = y`, `labels."\xff" = "a"`, "\x00", `createTime = "yesterday"`, `generation = 1e400`, `spec:*`,
	} {
		f.Add(seed)
	}
	descriptor := orchid.ProtoReflect().Descriptor()
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := filter.Parse(text, descriptor)
		if err != nil {
			require.True(t, fault.Is(err, fault.Invalid), "%v", err)
			require.Len(t, fault.Of(err).Fields, 1)
			require.Equal(t, "filter", fault.Of(err).Fields[0].Path)
			return
		}
		selected := parsed.Match(orchid)
		require.Equal(t, selected, parsed.Match(orchid))
		parsed.Match(new(networkv1.Network))
		if opposite, err := filter.Parse("NOT ("+text+")", descriptor); err == nil {
			require.NotEqual(t, selected, opposite.Match(orchid))
		}
	})
}

// A page token is refused on its own field, or it continues after a key of this list.
func FuzzPageToken(f *testing.F) {
	request := &networkv1.ListNetworksRequest{Parent: "organizations/acme", Filter: "labels:tier"}
	first, err := filter.ParsePageToken(request)
	require.NoError(f, err)
	good := first.Next("networks/acme/orchid")
	for _, seed := range []string{good, "", "orchid", good[:len(good)-4], good + good, "AAAA", "\xff", "Lf-BAwEBCVBhZ2VUb2tlbg=="} {
		f.Add(seed, "networks/acme/tulip")
	}
	f.Fuzz(func(t *testing.T, token, key string) {
		request := &networkv1.ListNetworksRequest{Parent: request.GetParent(), Filter: request.GetFilter(), PageToken: token}
		parsed, err := filter.ParsePageToken(request)
		if err != nil {
			require.True(t, fault.Is(err, fault.Invalid), "%v", err)
			require.Equal(t, "page_token", fault.Of(err).Fields[0].Path)
			return
		}
		require.Equal(t, first.Checksum, parsed.Checksum)
		require.Equal(t, token == "", parsed.After == "")
		if key == "" {
			return
		}
		request.PageToken = parsed.Next(key)
		next, err := filter.ParsePageToken(request)
		require.NoError(t, err)
		require.Equal(t, key, next.After)
		request.Parent = "organizations/other"
		_, err = filter.ParsePageToken(request)
		require.True(t, fault.Is(err, fault.Invalid), "a token is good for its own list only")
	})
}
