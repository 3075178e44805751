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

// ErrLeaseLost is the cause of the end of a run context when another replica may take over the
// key.
var ErrLeaseLost = errors.New("lease lost")

// markerAge is the time for which the marker of a released lease is kept.
const markerAge = time.Hour

// session is one membership of a replica in its group, under one lease. Its context ends when the
// lease can no longer be trusted.
type session struct {
	// name is the replica and a unique suffix.
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

// begin takes a lease under a new name.
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

// trust returns the time for which a lease is trusted after its renewal was sent.
func (s *session) trust() time.Duration { return s.ttl * 3 / 4 }

// renew renews the lease until the context of the session ends.
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
		if conflict(err) && s.adoptRevision() {
			err = s.publish()
		}
		if conflict(err) {
			s.lose(ErrLeaseLost)
		}
	}
}

// publish writes the lease, provided that its last renewal is still the last write. The trust
// counts from before the write was sent.
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

// adoptRevision takes the revision of a renewal that was stored although its answer was lost. It
// reports whether the lease still exists.
func (s *session) adoptRevision() bool {
	ctx, cancel := context.WithTimeout(s.ctx, s.ttl/4)
	defer cancel()
	m, err := s.stream.GetLastMsgForSubject(ctx, s.subject)
	if err != nil || marker(m.Header) {
		return false
	}
	s.revision = m.Sequence
	return true
}

// release removes the lease, so that other replicas need not wait until it expires.
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

// end ends the context of the session. The lease itself expires on the server.
func (s *session) end() {
	s.expiry.Stop()
	s.lose(context.Canceled)
}

// conflict reports whether a write was refused because of a newer revision.
func conflict(err error) bool {
	var refused *jetstream.APIError
	return errors.As(err, &refused) &&
		(refused.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence || refused.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant)
}

// marker reports whether headers mark a removed or expired key.
func marker(h nats.Header) bool {
	return h.Get("KV-Operation") != "" || h.Get(jetstream.MarkerReasonHeader) != ""
}
