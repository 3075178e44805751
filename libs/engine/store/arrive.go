package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/skep-dev/skep/libs/platform/streammeta"
)

// Of a bucket that seems to have gone back it is asked this often whether it
// really did. Of several servers one that has just become the leader of a stream
// may not know all of it yet, and one that was cut off goes on for some 20 s in the
// belief that it leads: its lost quorum is looked for every 10 s, and is one of 10 s.
const (
	doubts     = 3
	doubtsMost = 30
	doubtPause = time.Second
)

// acceptEvery is how often it is asked whether a bucket that went back has been
// accepted.
const acceptEvery = 5 * time.Second

// errAccepted is why a bucket is listed anew that was accepted as it is.
var errAccepted = errors.New("the state was accepted as it is")

// mark is where the stream is now.
func (b *Bucket) mark(ctx context.Context) (found Mark, replicas int, err error) {
	stream, err := b.js.Stream(ctx, "KV_"+b.name)
	if err != nil {
		return Mark{}, 0, fmt.Errorf("ask for stream of %s: %w", b.name, err)
	}
	info := stream.CachedInfo()
	return markOf(info), info.Config.Replicas, nil
}

func markOf(info *jetstream.StreamInfo) Mark {
	mark := Mark{
		Installation: info.Config.Metadata[streammeta.Installation], Created: info.Created, Revision: info.State.LastSeq,
		Restored: info.Config.Metadata[streammeta.Restored],
	}
	mark.Accepted, _ = time.Parse(time.RFC3339Nano, info.Config.Metadata[streammeta.Accepted])
	return mark
}

// arrive compares the bucket with what is known of it, before anything that was
// listed is shown. It returns whether the list is that of an older store than was
// shown before. If the bucket went back, end is called once that was accepted.
func (b *Bucket) arrive(ctx context.Context, end context.CancelCauseFunc) (older bool, err error) {
	if b.options.HighWaterMark == nil {
		return false, nil
	}
	for doubt := 1; ; doubt++ {
		found, replicas, err := b.mark(ctx)
		if err != nil {
			return false, err
		}
		enough := doubts
		if replicas > 1 {
			enough = doubtsMost
		}
		if doubt < enough && b.options.HighWaterMark.doubtful(b.name, found) {
			pause(ctx, doubtPause)
			continue
		}
		back, accepted := b.options.HighWaterMark.see(b.name, found)
		if back != nil {
			go b.awaitAcceptance(ctx, end)
		}
		return back != nil || accepted, nil //nolint:nilerr // That it went back is told by Held.
	}
}

// awaitAcceptance ends the following of a bucket that went back once an operator
// has accepted it.
func (b *Bucket) awaitAcceptance(ctx context.Context, end context.CancelCauseFunc) {
	ticker := time.NewTicker(acceptEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if found, _, err := b.mark(ctx); err == nil && b.options.HighWaterMark.released(b.name, found) {
			end(errAccepted)
			return
		}
	}
}

// RolledBack returns a *Rewind while the store is known to have gone back. Then nothing
// may be done on the strength of what it says.
func (b *Bucket) RolledBack() error {
	if b.options.HighWaterMark == nil {
		return nil
	}
	return b.options.HighWaterMark.RolledBack()
}

// passed notes a revision that was seen.
func (b *Bucket) passed(revision uint64) {
	if b.options.HighWaterMark != nil {
		b.options.HighWaterMark.reached(b.name, revision)
	}
}

// known is the revision that the bucket is known to have come to.
func (b *Bucket) known() uint64 {
	if b.options.HighWaterMark == nil {
		return 0
	}
	return b.options.HighWaterMark.at(b.name)
}

// wrote checks that a write was given a revision beyond what was known before it
// was sent: revisions only grow. If not, the store went back unseen, and the bucket
// is listed anew.
func (b *Bucket) wrote(known, written uint64) error {
	if b.options.HighWaterMark == nil || written > known {
		return nil
	}
	err := b.options.HighWaterMark.sank(b.name, written)
	b.ending.Lock()
	defer b.ending.Unlock()
	if b.end != nil {
		b.end(err)
	}
	return err
}
