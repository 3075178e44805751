package audit_test

import (
	"bytes"
	"context"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/platform/audit"
	"github.com/skep-dev/skep/libs/platform/bus"
	"github.com/skep-dev/skep/libs/platform/bus/bustest"
	"github.com/skep-dev/skep/libs/platform/topology"
)

// account is an account with an audit stream that tests can change, unlike the stream of the suite.
type account struct {
	nats *bus.Server
	conn *nats.Conn
	js   jetstream.JetStream
}

func inBubble(t *testing.T, test func(t *testing.T, s *account)) {
	t.Helper()
	bustest.Bubble(t, func(t *testing.T) {
		server := bustest.Start(t, nil)
		s := &account{nats: server}
		var err error
		s.conn, err = server.ConnectAdmin("network")
		require.NoError(t, err)
		t.Cleanup(s.conn.Close)
		s.js, err = jetstream.New(s.conn)
		require.NoError(t, err)
		s.make(t)
		test(t, s)
	})
}

// make creates the stream of audit lines, also just after its delete.
func (s *account) make(t *testing.T) {
	t.Helper()
	require.NoError(t, bus.Retry(t.Context(), func(ctx context.Context) error {
		_, err := s.js.CreateStream(ctx, jetstream.StreamConfig{Name: audit.Stream, Subjects: []string{"skep.audit.>"}})
		return err
	}))
}

// open opens the log of a replica.
func (s *account) open(t *testing.T, replica string) *audit.Log {
	t.Helper()
	log, err := audit.Open(s.conn, audit.Origin{Installation: "test", Service: "network", Replica: replica, Principal: "skep-network"})
	require.NoError(t, err)
	return log
}

// write writes both lines of some calls, one call after the other.
func write(t *testing.T, log *audit.Log, calls int) {
	t.Helper()
	for range calls {
		line := audit.Line{API: "EC2", Operation: "CreateVpc"}
		end, err := log.Begin(t.Context(), line)
		require.NoError(t, err)
		line.Outcome = audit.Done
		end(line)
		log.Flush()
	}
}

func (s *account) verify(t *testing.T) audit.Verdict {
	t.Helper()
	verdict, err := audit.Verify(t.Context(), s.js)
	require.NoError(t, err)
	return verdict
}

func TestLinesOfSeveralSessionsVerify(t *testing.T) {
	inBubble(t, func(t *testing.T, s *account) {
		require.Zero(t, s.verify(t))
		for range 2 {
			one, two := s.open(t, "one"), s.open(t, "two")
			write(t, one, 3)
			write(t, two, 2)
			write(t, one, 1)
		}
		verdict := s.verify(t)
		require.Empty(t, verdict.Broken)
		require.Equal(t, 4, verdict.Sessions)
		require.Equal(t, 2*2*(3+2+1), verdict.Lines)
		require.Zero(t, verdict.Open)
	})
}

func TestCallsThatStartTogetherShareAPage(t *testing.T) {
	inBubble(t, func(t *testing.T, s *account) {
		log := s.open(t, "one")
		var calls sync.WaitGroup
		for range 100 {
			calls.Go(func() {
				_, err := log.Begin(t.Context(), audit.Line{Operation: "CreateSubnet"})
				require.NoError(t, err)
			})
		}
		calls.Wait()
		verdict := s.verify(t)
		require.Equal(t, 100, verdict.Lines)
		require.Equal(t, 100, verdict.Open)
		// How many share one depends on the scheduler: 5 pages on a quiet machine, 30 on a busy one.
		require.Less(t, verdict.Pages, 50)
	})
}

func TestBeginFailsWhileTheLineCannotBeStored(t *testing.T) {
	inBubble(t, func(t *testing.T, s *account) {
		log := s.open(t, "one")
		write(t, log, 1)
		require.NoError(t, s.js.DeleteStream(t.Context(), audit.Stream))
		_, err := log.Begin(t.Context(), audit.Line{Operation: "DeleteVpc"})
		require.Error(t, err)

		s.make(t)
		write(t, log, 1)
		var outcomes []audit.Outcome
		require.NoError(t, audit.Read(t.Context(), s.js, func(page audit.Page) error {
			for _, line := range page.Lines {
				outcomes = append(outcomes, line.Outcome)
			}
			return nil
		}))
		require.Equal(t, []audit.Outcome{audit.Unsent, "", audit.Done}, outcomes, "the outcome of the unsent call is stored later")
		require.Empty(t, s.verify(t).Broken)
	})
}

func TestBeginFailsWhileAnotherLineIsRefused(t *testing.T) {
	inBubble(t, func(t *testing.T, s *account) {
		log := s.open(t, "one")
		end, err := log.Begin(t.Context(), audit.Line{Operation: "CreateVpc"})
		require.NoError(t, err)
		require.NoError(t, s.js.DeleteStream(t.Context(), audit.Stream))
		_, err = s.conn.Subscribe("skep.audit.>", func(*nats.Msg) {})
		require.NoError(t, err, "a subscriber listens and does not answer")
		end(audit.Line{Operation: "CreateVpc", Outcome: audit.Done})
		time.Sleep(time.Second) // the write of the line "after" is in progress, and the next line follows it
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		_, err = log.Begin(ctx, audit.Line{Operation: "DeleteVpc"})
		require.Error(t, err)
		require.NoError(t, ctx.Err(), "Begin returns before the end of its context")
	})
}

func TestBeginFailsAfterTheEndOfItsContext(t *testing.T) {
	inBubble(t, func(t *testing.T, s *account) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := s.open(t, "one").Begin(ctx, audit.Line{Operation: "DeleteVpc"})
		if err != nil { // the line may be stored before the context ends
			require.ErrorIs(t, err, context.Canceled)
		}
	})
}

// The chain is useless if Verify misses a change.
func TestVerifyDetectsTampering(t *testing.T) {
	for name, tamper := range map[string]func(pages [][]byte) [][]byte{
		"a page is removed":                     func(pages [][]byte) [][]byte { return append(pages[:2:2], pages[3:]...) },
		"the first page is removed":             func(pages [][]byte) [][]byte { return pages[1:] },
		"a page is changed":                     func(pages [][]byte) [][]byte { pages[1] = change(pages[1]); return pages },
		"the last page of a session is changed": func(pages [][]byte) [][]byte { pages[3] = change(pages[3]); return pages },
		"two pages are swapped":                 func(pages [][]byte) [][]byte { pages[1], pages[2] = pages[2], pages[1]; return pages },
		"a page is duplicated":                  func(pages [][]byte) [][]byte { return append(pages[:3:3], pages[2:]...) },
		"the last page of a session is removed": func(pages [][]byte) [][]byte { return append(pages[:3:3], pages[4:]...) },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *account) {
				write(t, s.open(t, "one"), 2)
				write(t, s.open(t, "two"), 2)
				require.Empty(t, s.verify(t).Broken)
				pages := s.pages(t)
				require.Equal(t, 8, len(pages)) //nolint:testifylint // Len would print every byte

				require.NoError(t, s.js.DeleteStream(t.Context(), audit.Stream))
				s.make(t)
				for _, page := range tamper(pages) {
					_, err := s.js.Publish(t.Context(), "skep.audit.forged", page)
					require.NoError(t, err)
				}
				require.NotEmpty(t, s.verify(t).Broken)
			})
		})
	}
}

func change(page []byte) []byte {
	return bytes.Replace(page, []byte("CreateVpc"), []byte("DeleteVpc"), 1)
}

// pages returns the pages as they are stored.
func (s *account) pages(t *testing.T) [][]byte {
	t.Helper()
	stream, err := s.js.Stream(t.Context(), audit.Stream)
	require.NoError(t, err)
	var pages [][]byte
	for sequence := range stream.CachedInfo().State.LastSeq {
		message, err := stream.GetMsg(t.Context(), sequence+1)
		require.NoError(t, err)
		pages = append(pages, message.Data)
	}
	return pages
}

func TestTheStreamOfTheSuiteOnlyGrows(t *testing.T) {
	inBubble(t, func(t *testing.T, s *account) {
		require.NoError(t, s.js.DeleteStream(t.Context(), audit.Stream))
		require.NoError(t, bus.Provision(t.Context(), s.nats.ConnectAdmin, topology.Suite(), 1))
		write(t, s.open(t, "one"), 1)
		stream, err := s.js.Stream(t.Context(), audit.Stream)
		require.NoError(t, err)
		require.Error(t, stream.DeleteMsg(t.Context(), 1))
		require.Error(t, stream.Purge(t.Context()))
		require.Equal(t, 90*24*time.Hour, stream.CachedInfo().Config.MaxAge)
	})
}
