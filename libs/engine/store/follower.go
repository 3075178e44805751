package store

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// follower is how far a Follow has come, and the watchdog that compares it with
// the stream.
type follower struct {
	stream  jetstream.Stream
	awaited func() bool
	// target is how far the list must come.
	target uint64

	mu       sync.Mutex
	revision uint64
	listed   bool
}

// saw notes a delivery, and tells whether the list is still incomplete.
func (f *follower) saw(revision uint64) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.revision = revision
	return !f.listed
}

// complete tells whether everything was delivered that the list must have, and if
// so, notes it.
func (f *follower) complete(ctx context.Context) bool {
	if revision, _ := f.progress(); revision < f.target {
		first, err := next(ctx, f.stream, revision)
		if err == nil && first <= f.target || err != nil && !errors.Is(err, jetstream.ErrMsgNotFound) {
			return false
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.listed = true
	return true
}

func (f *follower) progress() (uint64, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.revision, f.listed
}

// watch returns the reason to follow anew, or nil when the context ends.
func (f *follower) watch(ctx context.Context, reconnected <-chan nats.Status) error {
	probe := time.NewTicker(probeEvery)
	defer probe.Stop()
	var before uint64
	var probed time.Time
	idle, deaf, missing := 0, 0, false
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-reconnected:
			return errReconnect
		case <-probe.C:
		}
		revision, listed := f.progress()
		moved := revision != before
		before = revision
		if moved {
			idle, missing = 0, false
		}
		if !listed {
			if idle++; idle > stallProbes {
				return errStalled
			}
			continue
		}
		quiet := !moved && !missing && deaf == 0 && (f.awaited == nil || !f.awaited())
		if quiet && time.Since(probed) < probeIdle {
			continue
		}
		probed = time.Now()
		switch _, err := next(ctx, f.stream, revision); {
		case err == nil && missing:
			return errStalled
		case err == nil:
			missing, deaf = true, 0
		case errors.Is(err, jetstream.ErrMsgNotFound):
			missing, deaf = false, 0
		default:
			if deaf++; deaf >= deafProbes {
				return errDeaf
			}
		}
	}
}

// open binds the stream, and notes how far its newest entry is, also if that has
// expired meanwhile.
func (f *follower) open(ctx context.Context, js jetstream.JetStream, stream string) error {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	s, err := js.Stream(ctx, stream)
	if err != nil {
		return err
	}
	f.stream, f.target = s, s.CachedInfo().State.LastSeq
	return nil
}

// next is the sequence of the first entry after the revision that the stream
// still holds. There need not be one, though the stream has counted further: the
// newest may have expired before it was delivered.
func next(ctx context.Context, stream jetstream.Stream, revision uint64) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	m, err := stream.GetMsg(ctx, revision+1, jetstream.WithGetMsgSubject(">"))
	if err != nil {
		return 0, err
	}
	return m.Sequence, nil
}
