package store

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheWriterSeesAWriteThatIsNeverDelivered(t *testing.T) {
	t.Parallel()
	const own, other = "networks/acme/orchid", "networks/acme/lily"
	put := func(key string, revision uint64) update {
		return update{key: key, revision: revision, entry: &entry{key: key, revision: revision}}
	}
	for title, test := range map[string]struct {
		delivered func(c *cache)
		write     update
		want      uint64
	}{
		"a newer write of the key is not delivered yet": {
			func(c *cache) { c.apply(put(other, 8)) }, put(own, 6), 6,
		},
		"a newer write of the key is delivered": {
			func(c *cache) { c.apply(put(own, 8)) }, put(own, 6), 8,
		},
		"a newer delete of the key is delivered": {
			func(c *cache) { c.apply(update{key: own, revision: 8}) }, put(own, 6), 0,
		},
		"a new record after the delete is not delivered yet": {
			func(c *cache) { c.apply(put(other, 8)) }, update{key: own, revision: 6}, 0,
		},
		"no other client wrote": {func(*cache) {}, put(own, 6), 6},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			c := newCache(10, decoder{})
			list := newListing()
			list.add(put(other, 4))
			list.add(put(own, 5))
			c.replace(list, false)

			test.delivered(c)
			c.showOwnWrite(test.write)
			revision, _ := c.revision(own)
			require.Equal(t, test.want, revision)
			c.apply(put(own, 9))
			revision, _ = c.revision(own)
			require.EqualValues(t, 9, revision)
		})
	}
}
