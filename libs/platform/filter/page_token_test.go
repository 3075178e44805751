package filter_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"

	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/libs/platform/filter"
)

func TestAPageTokenCarriesTheLastKeyToTheNextPage(t *testing.T) {
	t.Parallel()
	request := &networkv1.ListNetworksRequest{Parent: "organizations/acme", PageSize: 2, Filter: "labels:tier"}
	first, err := filter.ParsePageToken(request)
	require.NoError(t, err)
	require.Empty(t, first.After)

	request.PageToken = first.Next("organizations/acme/networks/orchid")
	request.PageSize = 5 // AIP-158 lets the page size change.
	second, err := filter.ParsePageToken(request)
	require.NoError(t, err)
	require.Equal(t, "organizations/acme/networks/orchid", second.After)

	request.PageToken = second.Next("organizations/acme/networks/tulip")
	third, err := filter.ParsePageToken(request)
	require.NoError(t, err)
	require.Equal(t, "organizations/acme/networks/tulip", third.After)
}

func TestAnInvalidPageTokenIsRefused(t *testing.T) {
	t.Parallel()
	first, err := filter.ParsePageToken(&networkv1.ListNetworksRequest{Parent: "organizations/acme"})
	require.NoError(t, err)
	token := first.Next("organizations/acme/networks/orchid")
	for name, request := range map[string]*networkv1.ListNetworksRequest{
		"of another parent":               {Parent: "organizations/other", PageToken: token},
		"of another filter":               {Parent: "organizations/acme", PageToken: token, Filter: "labels:tier"},
		"without the encoding of a token": {Parent: "organizations/acme", PageToken: "orchid"},
		"truncated":                       {Parent: "organizations/acme", PageToken: token[:len(token)/2]},
		"without a last key":              {Parent: "organizations/acme", PageToken: first.Next("")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := filter.ParsePageToken(request)
			require.True(t, fault.Is(err, fault.Invalid), "%v", err)
			require.Equal(t, "page_token", fault.Of(err).Fields[0].Path)
		})
	}
}

func FuzzParsePageToken(f *testing.F) {
	first, err := filter.ParsePageToken(&networkv1.ListNetworksRequest{})
	require.NoError(f, err)
	f.Add(first.Next("organizations/acme/networks/orchid"))
	f.Fuzz(func(t *testing.T, token string) {
		if _, err := filter.ParsePageToken(&networkv1.ListNetworksRequest{PageToken: token}); err != nil {
			require.True(t, fault.Is(err, fault.Invalid))
		}
	})
}
