package store

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Times of a write. One attempt waits so long for its answer, and the next waits a
// moment if the answer was not for good.
const (
	swapAttempt  = 3 * time.Second
	swapPause    = 2 * time.Millisecond
	swapPauseMax = 100 * time.Millisecond
)

// swap publishes the message if its key is at the revision, and sends it again
// until the answer can be relied on. It carries an id by which the stream knows
// its repeats, so that it is stored once.
//
// Not every refusal of a replicated stream is for good. Its leader refuses what
// contradicts a write that is on its way to the other servers, and may never
// arrive. And one that was cut off takes itself for the leader for some seconds
// more: it refuses what the real leader accepts at the same time, and its answer
// may come first. Only who names a newer write of the key knows that the record
// has moved on, and even that is no proof once an answer was lost: the newer write
// may have followed ours.
func (b *Bucket) swap(ctx context.Context, m *nats.Msg, revision uint64, opts ...jetstream.PublishOpt) (uint64, error) {
	m.Header.Set(jetstream.MsgIDHeader, uuid.NewString())
	var doubt error
	at := revision
	for wait := swapPause; ; wait = min(2*wait, swapPauseMax) {
		sent := at
		written, err := b.publish(ctx, m, sent, opts...)
		if err == nil {
			return written, nil
		}
		switch newer, kind := refusal(err); {
		case kind == unanswered:
			doubt = fmt.Errorf("%w: %w", ErrUnavailable, err)
		case kind == final:
			return 0, err
		case newer <= sent:
		case revision == 0 && !b.lives(ctx, m.Subject, &at):
		case doubt == nil:
			_ = b.shown(ctx, newer, func() {}) // For the sake of the next decision only.
			return 0, fmt.Errorf("%w: %w", ErrConflict, err)
		default:
			return 0, doubt
		}
		if b.js.Conn().IsClosed() || ctx.Err() != nil {
			if doubt == nil {
				doubt = fmt.Errorf("%w: %w", ErrUnavailable, err) // Not made, and not for a conflict.
			}
			return 0, doubt
		}
		if at == sent {
			pause(ctx, wait)
		}
	}
}

// publish sends the message once.
func (b *Bucket) publish(ctx context.Context, m *nats.Msg, at uint64, opts ...jetstream.PublishOpt) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, swapAttempt)
	defer cancel()
	ack, err := b.js.PublishMsg(ctx, m, append(slices.Clip(opts), jetstream.WithExpectLastSequencePerSubject(at))...)
	if err != nil {
		return 0, err
	}
	return ack.Sequence, nil
}

// lives reports whether there is a record. If there is the mark of a delete in its
// place, then that is what a new record is to replace, and at is set to it.
func (b *Bucket) lives(ctx context.Context, subject string, at *uint64) bool {
	last, err := b.stream.GetLastMsgForSubject(ctx, subject)
	if err != nil {
		return false
	}
	if gone(last.Header) {
		*at = max(*at, last.Sequence)
		return false
	}
	return true
}

// answer is what an answer that is no acknowledgement is worth.
type answer int

const (
	unanswered answer = iota // Nothing is known.
	final                    // The message will never be taken.
	passing                  // The message was not taken, and may be.
)

// duplicateOnItsWay is the error code of a message whose repeat comes before its
// first sending was decided.
const duplicateOnItsWay jetstream.ErrorCode = 10158

// refusal reads an answer, and the newest write of the key if it names one.
func refusal(err error) (newer uint64, worth answer) {
	var refused *jetstream.APIError
	switch {
	case !errors.As(err, &refused), refused.Code >= http.StatusInternalServerError:
		return 0, unanswered
	case refused.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant, refused.ErrorCode == duplicateOnItsWay:
		return 0, passing
	case refused.ErrorCode != jetstream.JSErrCodeStreamWrongLastSequence:
		return 0, final
	}
	if _, err := fmt.Sscanf(refused.Description, "wrong last sequence: %d", &newer); err != nil {
		return 0, passing // It does not say what is in the way.
	}
	return newer, passing
}
