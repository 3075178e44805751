package audit

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/nats-io/nats.go/jetstream"
)

// session is one chain of pages. Only one goroutine at a time uses it.
type session struct {
	id       string
	number   uint64
	previous string
	anchor   uint64
}

// begin starts a chain after the newest page of the stream.
func begin(ctx context.Context, js jetstream.JetStream) (*session, error) {
	s := &session{id: strings.ToLower(rand.Text()[:16])}
	stream, err := js.Stream(ctx, Stream)
	if err != nil {
		return nil, fmt.Errorf("open audit stream: %w", err)
	}
	last, err := stream.GetLastMsgForSubject(ctx, subjects+">")
	switch {
	case errors.Is(err, jetstream.ErrMsgNotFound):
	case err != nil:
		return nil, fmt.Errorf("read newest audit page: %w", err)
	default:
		s.previous, s.anchor = hash(last.Data), last.Sequence
	}
	return s, nil
}

// put stores the next page of the chain.
func (s *session) put(ctx context.Context, js jetstream.JetStream, origin Origin, lines []Line) error {
	page := Page{Origin: origin, Session: s.id, Number: s.number + 1, Previous: s.previous, Lines: lines}
	if s.number == 0 {
		page.Anchor = s.anchor
	}
	data, err := json.Marshal(page)
	if err != nil {
		return fmt.Errorf("encode audit page: %w", err)
	}
	if _, err := js.Publish(ctx, subjects+s.id, data); err != nil {
		return fmt.Errorf("store audit page: %w", err)
	}
	s.number, s.previous = page.Number, hash(data)
	return nil
}
