package store

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAWriteThatIsNeverDeliveredIsShownToWhoMadeIt(t *testing.T) {
	t.Parallel()
	const mine, another = "networks/acme/orchid", "networks/acme/lily"
	at := func(key string, revision uint64) *entry { return &entry{key: key, revision: revision} }
	for title, test := range map[string]struct {
		delivered func(c *cache)
		made      *entry
		want      uint64
	}{
		"another has written the key since, and theirs is still to come": {
			func(c *cache) { c.apply(another, at(another, 8), nil, 8) }, at(mine, 6), 6,
		},
		"theirs has come": {
			func(c *cache) { c.apply(mine, at(mine, 8), nil, 8) }, at(mine, 6), 8,
		},
		"theirs was a delete, and has come": {
			func(c *cache) { c.apply(mine, nil, nil, 8) }, at(mine, 6), 0,
		},
		"it was a delete, and another has made the record anew, which is still to come": {
			func(c *cache) { c.apply(another, at(another, 8), nil, 8) }, nil, 0,
		},
		"nobody else has written": {func(*cache) {}, at(mine, 6), 6},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			c := newCache(10, nil)
			list := newListing()
			list.add(another, at(another, 4), nil, 4)
			list.add(mine, at(mine, 5), nil, 5)
			c.replace(list, false)

			test.delivered(c)
			c.advance(mine, test.made, nil, 6)
			revision, _ := c.at(mine)
			require.Equal(t, test.want, revision)
			c.apply(mine, at(mine, 9), nil, 9)
			revision, _ = c.at(mine)
			require.EqualValues(t, 9, revision)
		})
	}
}
