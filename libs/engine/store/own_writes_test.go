package store_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/bus"
)

func TestWatchesReceiveEachWriteOnceAtMostAndInOrder(t *testing.T) {
	inBubble(t, func(t *testing.T, s *bus.Server) {
		const writers, writes = 8, 25
		nc := connect(t, s, "network")
		mine, _ := open(t, nc, "network", store.Options{Buffer: 2 * writers * writes})
		other, _ := open(t, connect(t, s, "network"), "network", store.Options{Buffer: 2 * writers * writes})
		watches := map[string]*store.Watch{"the writer": mine.Changes(""), "another process": other.Changes("")}
		var writing sync.WaitGroup
		for i := range writers {
			b := []*store.Bucket{mine, other}[i%2]
			writing.Go(func() {
				key := fmt.Sprintf("networks/acme/n%d", i)
				var revision uint64
				for range writes {
					var err error
					revision, err = b.Put(t.Context(), key, value("x"), revision)
					require.NoError(t, err)
					r, _ := b.Get(key)
					require.Equal(t, revision, r.Revision, "a process reads its own writes")
				}
				require.NoError(t, b.Delete(t.Context(), key, revision))
				_, found := b.Get(key)
				require.False(t, found)
			})
		}
		writing.Wait()
		for watcher, watch := range watches {
			var last uint64
			for deleted := 0; deleted < writers; {
				// Only the process that wrote it receives a write that is replaced before it is
				// delivered.
				change := <-watch.C
				if change.Record == nil {
					deleted++
					continue
				}
				require.Greater(t, change.Record.Revision, last, "received by %s", watcher)
				last = change.Record.Revision
			}
			select {
			case change := <-watch.C:
				require.Fail(t, "received more changes than writes", "%s: %v", watcher, change)
			default:
			}
		}
	})
}
