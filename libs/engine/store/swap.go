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

	"github.com/skep-dev/skep/libs/platform/follow"
)

// Times of a swap.
const (
	// swapTimeout limits one attempt.
	swapTimeout = 3 * time.Second
	// swapPause is the first pause after an answer that is not final; it doubles up to
	// swapPauseMax.
	swapPause    = 2 * time.Millisecond
	swapPauseMax = 100 * time.Millisecond
)

// swapper executes a compare-and-swap on the stream.
type swapper struct {
	stream *kvStream
	cache  *cache
}

// swap publishes the message if its key is at the revision. It repeats the message until
// an answer is reliable. The message carries an id by which the stream recognizes
// repeats, so that it is stored once.
//
// Some refusals of a replicated stream are not final. Its leader refuses a message that
// contradicts a write that is under way to the other servers, and that write may never
// arrive. A former leader that was cut off believes for some seconds that it still
// leads: it refuses messages that the real leader accepts at the same time, and its
// answer may arrive first. Only a refusal that names a newer write of the key shows that
// the record has changed, and even that proves no conflict after a lost answer: the
// newer write may have followed ours.
func (s *swapper) swap(ctx context.Context, m *nats.Msg, revision uint64, opts ...jetstream.PublishOpt) (uint64, error) {
	m.Header.Set(jetstream.MsgIDHeader, uuid.NewString())
	var uncertain error // Set once an answer was lost.
	expected := revision
	for wait := swapPause; ; wait = min(2*wait, swapPauseMax) {
		sent := expected
		stored, err := s.publish(ctx, m, sent, opts...)
		if err == nil {
			return stored, nil
		}
		switch newer, kind := refusal(err); {
		case kind == unanswered:
			uncertain = fmt.Errorf("%w: %w", ErrUnavailable, err)
		case kind == final:
			return 0, err
		case newer <= sent:
		case revision == 0 && !s.exists(ctx, m.Subject, &expected):
		case uncertain == nil:
			// The caller decides again on what the cache shows; the conflict is certain anyway.
			_ = s.cache.await(ctx, newer, func() {})
			return 0, fmt.Errorf("%w: %w", ErrConflict, err)
		default:
			return 0, uncertain
		}
		if s.stream.js.Conn().IsClosed() || ctx.Err() != nil {
			if uncertain == nil {
				uncertain = fmt.Errorf("%w: %w", ErrUnavailable, err) // Not stored, but not because of a conflict.
			}
			return 0, uncertain
		}
		if expected == sent {
			pause(ctx, wait)
		}
	}
}

// publish sends the message once.
func (s *swapper) publish(ctx context.Context, m *nats.Msg, expected uint64, opts ...jetstream.PublishOpt) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, swapTimeout)
	defer cancel()
	ack, err := s.stream.js.PublishMsg(ctx, m, append(slices.Clip(opts), jetstream.WithExpectLastSequencePerSubject(expected))...)
	if err != nil {
		return 0, err
	}
	return ack.Sequence, nil
}

// exists reports whether the subject has a record. If it has the marker of a delete
// instead, a new record must replace the marker, and exists raises expected to its
// revision.
func (s *swapper) exists(ctx context.Context, subject string, expected *uint64) bool {
	last, err := s.stream.stream.GetLastMsgForSubject(ctx, subject)
	if err != nil {
		return false
	}
	if follow.IsDelete(last.Header) {
		*expected = max(*expected, last.Sequence)
		return false
	}
	return true
}

// refusalKind is the reliability of an answer other than an acknowledgment.
type refusalKind int

const (
	unanswered refusalKind = iota // The stream may have stored the message.
	final                         // The stream will never store the message.
	temporary                     // The stream did not store the message, but a repeat may succeed.
)

// duplicateUnderWay is the error code of a repeat that arrives before the stream decided
// on the first message with its id.
const duplicateUnderWay jetstream.ErrorCode = 10158

// refusal returns the kind of an answer, and the newest revision of the key if the
// answer names it.
func refusal(err error) (newer uint64, kind refusalKind) {
	var refused *jetstream.APIError
	switch {
	case !errors.As(err, &refused), refused.Code >= http.StatusInternalServerError:
		return 0, unanswered
	case refused.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant, refused.ErrorCode == duplicateUnderWay:
		return 0, temporary
	case refused.ErrorCode != jetstream.JSErrCodeStreamWrongLastSequence:
		return 0, final
	}
	if _, err := fmt.Sscanf(refused.Description, "wrong last sequence: %d", &newer); err != nil {
		return 0, temporary // The answer does not name the newer revision.
	}
	return newer, temporary
}
