package follow

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Times of the watchdog. While an entry might be missing, it probes once a second for
// each stream and process, and otherwise at a fifteenth of that rate.
const (
	probeInterval     = time.Second
	probeIntervalIdle = 15 * time.Second
	probeTimeout      = time.Second
	// unansweredProbes is the number of unanswered probes in a row that end the follower.
	unansweredProbes = 3
	// stallProbes is the number of probe intervals in which a list may make no progress.
	stallProbes = 5
)

// Reasons to follow a stream again.
var (
	errReconnect  = errors.New("the connection was lost")
	errStalled    = errors.New("the stream is ahead of its deliveries")
	errUnanswered = errors.New("the stream does not answer")
)

// follower holds the progress of one call of Stream. Its watchdog compares the
// progress with the stream.
type follower struct {
	stream  jetstream.Stream
	waiting func() bool
	// target is the revision that the list must reach.
	target uint64

	mu       sync.Mutex
	revision uint64
	listed   bool
}

// open binds the stream and sets the target to the revision of its newest entry, which
// may have expired since.
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

// delivered records a delivery and reports whether the list is still incomplete.
func (f *follower) delivered(revision uint64) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.revision = revision
	return !f.listed
}

// complete reports whether every entry of the list was delivered, and records it.
func (f *follower) complete(ctx context.Context) bool {
	if revision, _ := f.progress(); revision < f.target {
		next, err := Next(ctx, f.stream, revision)
		if err == nil && next <= f.target || err != nil && !errors.Is(err, jetstream.ErrMsgNotFound) {
			return false
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.listed = true
	return true
}

// progress returns the revision of the last delivery and whether the list is complete.
func (f *follower) progress() (revision uint64, listed bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.revision, f.listed
}

// watch returns the reason to follow the stream again, or nil when the context ends.
func (f *follower) watch(ctx context.Context, reconnected <-chan nats.Status) error {
	probe := time.NewTicker(probeInterval)
	defer probe.Stop()
	var before uint64
	var probed time.Time
	stalled, unanswered, missing := 0, 0, false
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
			stalled, missing = 0, false
		}
		if !listed {
			if stalled++; stalled > stallProbes {
				return errStalled
			}
			continue
		}
		quiet := !moved && !missing && unanswered == 0 && (f.waiting == nil || !f.waiting())
		if quiet && time.Since(probed) < probeIntervalIdle {
			continue
		}
		probed = time.Now()
		switch _, err := Next(ctx, f.stream, revision); {
		case err == nil && missing:
			return errStalled
		case err == nil:
			missing, unanswered = true, 0
		case errors.Is(err, jetstream.ErrMsgNotFound):
			missing, unanswered = false, 0
		default:
			if unanswered++; unanswered >= unansweredProbes {
				return errUnanswered
			}
		}
	}
}

// Next returns the sequence of the first entry after the revision that the stream
// still holds. It returns [jetstream.ErrMsgNotFound] if there is none, which may be
// so although the stream counts further: the newest entry may have expired before it
// was delivered.
func Next(ctx context.Context, stream jetstream.Stream, revision uint64) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	m, err := stream.GetMsg(ctx, revision+1, jetstream.WithGetMsgSubject(">"))
	if err != nil {
		return 0, err
	}
	return m.Sequence, nil
}
