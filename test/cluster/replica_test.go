package cluster_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"

	"github.com/skep-dev/skep/libs/engine/store"
)

const (
	// owner is the service that writes the bucket; reader is a service with a mirror of it.
	owner, reader = "network", "compute"
	bucket        = owner
	// timeout limits an operation. An election may take longer, so some operations end
	// uncertain.
	timeout = 4 * time.Second
)

// replica is one client of the store with its own cache and its own connection, which uses
// one server while that runs.
type replica struct {
	id      int
	conn    *nats.Conn
	records *store.Bucket
	stream  jetstream.Stream
}

// newReplica connects as a service, opens the bucket and runs its cache until the test ends.
func newReplica(t *testing.T, s *servers, id int, service string) *replica {
	t.Helper()
	conn, err := store.Dial(s.urls(id%size), service, password(service), nats.DontRandomize())
	require.NoError(t, err)
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn, jetstream.WithDefaultTimeout(timeout))
	require.NoError(t, err)
	stream, err := js.Stream(t.Context(), "KV_"+bucket)
	require.NoError(t, err)
	water, err := store.OpenHighWaterMark("", "")
	require.NoError(t, err)
	records, err := store.Open(t.Context(), conn, bucket, store.Options{Timeout: timeout, HighWaterMark: water, Log: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = records.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
	r := &replica{id: id, conn: conn, records: records, stream: stream}
	require.NoError(t, records.Synced(ctx))
	running.Go(func() { r.observe(ctx, t) })
	return r
}

// observe watches the cache and fails the test if the cache shows a record with an older
// revision than before.
func (r *replica) observe(ctx context.Context, t *testing.T) {
	newest := make(map[string]uint64)
	check := func(record *store.Record) {
		if record.Revision < newest[record.Key] {
			t.Errorf("replica %d showed revision %d of %s after %d", r.id, record.Revision, record.Key, newest[record.Key])
		}
		newest[record.Key] = record.Revision
	}
	for ctx.Err() == nil {
		snapshot, watch := r.records.Watch("")
		for i := range snapshot {
			check(&snapshot[i])
		}
		for following := true; following; {
			select {
			case <-ctx.Done():
				watch.Stop()
				return
			case change, open := <-watch.C:
				if following = open; open && change.Record != nil {
					check(change.Record)
				}
			}
		}
	}
}

// versions numbers the versions.
var versions atomic.Int64

// write puts or deletes a key, decided on the version that the cache shows.
func (r *replica) write(ctx context.Context, t *testing.T, h *history, client int, key string) {
	shown, found := r.records.Get(key)
	sent := request{verb: put, key: key}
	if found {
		sent.decidedOn = version(shown.RequestId)
	}
	if found && rand.IntN(8) == 0 {
		sent.verb = remove
	} else {
		sent.version = version(fmt.Sprintf("v%d", versions.Add(1)))
	}
	var revision uint64
	a := h.call(r.id, client, sent, func() answer {
		var err error
		if sent.verb == remove {
			err = r.records.Delete(ctx, key, shown.Revision)
		} else {
			revision, err = r.records.Put(ctx, key, &recordv1.Record{RequestId: string(sent.version)}, shown.Revision)
		}
		return answer{outcome: outcomeOf(t, err)}
	})
	if a.outcome == done {
		if now, found := r.records.Get(key); found && now.Revision < max(revision, shown.Revision+1) {
			t.Errorf("replica %d shows revision %d of %s after its %s of revision %d was acknowledged as revision %d", r.id, now.Revision, key, sent.verb, shown.Revision, revision)
		}
	}
}

// outcomeOf returns the outcome of a write.
func outcomeOf(t *testing.T, err error) outcome {
	switch {
	case err == nil:
		return done
	case errors.Is(err, store.ErrConflict):
		return refused
	case errors.Is(err, store.ErrUnavailable):
		return uncertain
	default:
		t.Errorf("an unknown error: %s", err)
		return uncertain
	}
}

// read reads the newest version of a key from the leader of the stream.
func (r *replica) read(ctx context.Context, t *testing.T, h *history, client int, key string) answer {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return h.call(r.id, client, request{verb: read, key: key}, func() answer {
		m, err := r.stream.GetLastMsgForSubject(ctx, "$KV."+bucket+"."+key)
		switch {
		case errors.Is(err, jetstream.ErrMsgNotFound):
			return answer{outcome: done}
		case err != nil:
			return answer{outcome: uncertain}
		case m.Header.Get("KV-Operation") != "":
			return answer{outcome: done}
		}
		record := &recordv1.Record{}
		if err := proto.Unmarshal(m.Data, record); err != nil {
			t.Errorf("record %s cannot be read: %s", key, err)
		}
		return answer{outcome: done, seen: version(record.GetRequestId())}
	})
}

// work writes and reads keys until the context ends, and completes the last operation.
func (r *replica) work(ctx context.Context, t *testing.T, h *history, client int, keys []string) {
	for ctx.Err() == nil {
		key := keys[rand.IntN(len(keys))]
		if rand.IntN(5) == 0 {
			r.read(context.WithoutCancel(ctx), t, h, client, key)
		} else {
			r.write(context.WithoutCancel(ctx), t, h, client, key)
		}
		time.Sleep(rand.N(maxPause))
	}
}

// maxPause is the longest pause of a writer between two operations.
const maxPause = 20 * time.Millisecond

// shows returns when the cache holds these versions of the keys under the prefix.
func (r *replica) shows(ctx context.Context, prefix string, expected map[string]version) error {
	snapshot, watch := r.records.Watch(prefix)
	defer watch.Stop()
	holds := make(map[string]version)
	for _, record := range snapshot {
		holds[record.Key] = version(record.RequestId)
	}
	for {
		differ := 0
		for key, v := range expected {
			if holds[key] != v {
				differ++
			}
		}
		if differ == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("replica %d shows %v instead of %v: %w", r.id, holds, expected, ctx.Err())
		case change, open := <-watch.C:
			if !open {
				return r.shows(ctx, prefix, expected)
			}
			holds[change.Key] = absent
			if change.Record != nil {
				holds[change.Key] = version(change.Record.RequestId)
			}
		}
	}
}
