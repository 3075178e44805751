package queue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
)

// ErrLeaseLost is why the context of a run ends when another replica may take over.
var ErrLeaseLost = errors.New("lease lost")

// markerAge is how long a released lease is remembered as such.
const markerAge = time.Hour

// session is one stay of a replica among its peers, under one lease. Its context
// ends when the lease can no longer be trusted.
type session struct {
	// name is the replica and what tells this session from its others.
	name    string
	subject string
	ttl     time.Duration
	js      jetstream.JetStream
	stream  jetstream.Stream

	ctx      context.Context
	lose     context.CancelCauseFunc
	expiry   *time.Timer
	revision uint64
}

// begin takes a lease under a name that was never used before.
func begin(ctx context.Context, js jetstream.JetStream, stream jetstream.Stream, subjects, identity string, ttl time.Duration) (*session, error) {
	s := &session{name: identity + "." + nuid.Next(), ttl: ttl, js: js, stream: stream}
	s.subject = subjects + s.name
	s.ctx, s.lose = context.WithCancelCause(ctx)
	s.expiry = time.AfterFunc(s.trust(), func() { s.lose(ErrLeaseLost) })
	if err := s.publish(); err != nil {
		s.end()
		return nil, fmt.Errorf("take lease: %w", err)
	}
	return s, nil
}

// trust is how long a lease is trusted after its renewal was sent.
func (s *session) trust() time.Duration { return s.ttl * 3 / 4 }

// renew keeps the lease until the context of the session ends.
func (s *session) renew() {
	tick := time.NewTicker(s.ttl / 4)
	defer tick.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-tick.C:
		}
		err := s.publish()
		if conflict(err) && s.adopt() {
			err = s.publish()
		}
		if conflict(err) {
			s.lose(ErrLeaseLost)
		}
	}
}

// publish stores the lease on top of its last renewal, and trusts it from before
// that.
func (s *session) publish() error {
	sent := time.Now()
	ctx, cancel := context.WithTimeout(s.ctx, s.ttl/4)
	defer cancel()
	ack, err := s.js.PublishMsg(ctx, nats.NewMsg(s.subject), jetstream.WithExpectLastSequencePerSubject(s.revision), jetstream.WithMsgTTL(s.ttl))
	if err != nil {
		return err
	}
	s.revision = ack.Sequence
	if s.ctx.Err() == nil {
		s.expiry.Reset(time.Until(sent.Add(s.trust())))
	}
	return nil
}

// adopt finds a renewal that was stored though its answer was lost.
func (s *session) adopt() bool {
	ctx, cancel := context.WithTimeout(s.ctx, s.ttl/4)
	defer cancel()
	m, err := s.stream.GetLastMsgForSubject(ctx, s.subject)
	if err != nil || marker(m.Header) {
		return false
	}
	s.revision = m.Sequence
	return true
}

// release gives the lease back, so that others need not wait until it expires.
func (s *session) release(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.ttl/4)
	defer cancel()
	m := nats.NewMsg(s.subject)
	m.Header.Set("KV-Operation", "PURGE")
	m.Header.Set(jetstream.MsgRollup, jetstream.MsgRollupSubject)
	if _, err := s.js.PublishMsg(ctx, m, jetstream.WithMsgTTL(markerAge)); err != nil {
		return fmt.Errorf("release lease: %w", err)
	}
	return nil
}

// end stops the clock of the session. The lease itself is left to expire.
func (s *session) end() {
	s.expiry.Stop()
	s.lose(context.Canceled)
}

// conflict tells whether a write was refused because of what is there.
func conflict(err error) bool {
	var refused *jetstream.APIError
	return errors.As(err, &refused) &&
		(refused.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence || refused.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant)
}

// marker tells whether headers mark a key that was removed or has expired.
func marker(h nats.Header) bool {
	return h.Get("KV-Operation") != "" || h.Get(jetstream.MarkerReasonHeader) != ""
}
