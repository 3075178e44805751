package store

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/skep-dev/skep/libs/platform/follow"
)

// relistPause is the pause before the bucket is listed again. It doubles with every list
// that fails, up to relistPauseMax.
const (
	relistPause    = 100 * time.Millisecond
	relistPauseMax = 2 * time.Second
)

// feed follows the stream into the cache. It never ends before its context, except when
// the connection is closed.
type feed struct {
	stream      *kvStream
	cache       *cache
	guard       *guard
	preexisting *preexisting
	unread      bool
	log         *slog.Logger
}

// run implements [Bucket.Run].
func (f *feed) run(ctx context.Context) error {
	wait := relistPause
	servers := failover{conn: f.stream.js.Conn()}
	lag := &staleness{stream: f.stream}
	if !f.unread && !f.stream.isMirror() {
		ctx, cancel := context.WithCancel(ctx)
		mirrors := mirrors{stream: f.stream, cache: f.cache, log: f.log}
		var watching sync.WaitGroup
		watching.Go(func() { mirrors.watch(ctx) })
		defer watching.Wait()
		defer cancel()
	}
	for ctx.Err() == nil {
		err := f.follow(ctx, lag, func() {
			wait = relistPause
			servers.listed()
		})
		switch {
		case ctx.Err() != nil:
		case f.stream.js.Conn().IsClosed():
			return fmt.Errorf("feed bucket %s: %w", f.stream.bucket, err)
		default:
			f.log.WarnContext(ctx, "list bucket again", "bucket", f.stream.bucket, "reason", err)
			if err := servers.failed(); err != nil {
				f.log.WarnContext(ctx, "connect to another server", "bucket", f.stream.bucket, "error", err)
			}
			pause(ctx, wait)
			wait = min(2*wait, relistPauseMax)
		}
	}
	return nil
}

// follow lists the bucket into the cache, calls listed, and applies every later message
// until one might have been missed.
func (f *feed) follow(ctx context.Context, lag *staleness, listed func()) error {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	f.guard.onRollback(end)
	f.cache.suspend()
	list := newListing()
	return follow.Stream(ctx, f.stream.js, f.stream.name(), func(m follow.Message) {
		u, ok := f.stream.update(m)
		switch {
		case !ok:
		case list != nil:
			list.add(u)
		default:
			f.cache.apply(u)
			f.guard.advance(u.revision)
		}
	}, func() {
		rolledBack, err := f.guard.check(ctx, end)
		if err == nil && !rolledBack {
			var stale bool
			if stale, err = lag.check(ctx, list.revision, f.cache.newest()); stale {
				err = cmp.Or(err, errStale)
			}
		}
		if err != nil {
			end(err)
			return
		}
		f.preexisting.record(list.entries, rolledBack)
		f.cache.replace(list, rolledBack)
		list = nil
		listed()
	}, f.cache.hasWaiters)
}
