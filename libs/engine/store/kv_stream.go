package store

import (
	"context"
	"strconv"
	"strings"
	"time"
	"unique"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/skep-dev/skep/libs/platform/follow"
)

// deletedHeader is the header of a delete marker with the revision that was deleted.
// JetStream's own header for it does not reach a mirror.
const deletedHeader = "Skep-Deleted"

// kvStream is the JetStream stream of a bucket or mirror.
type kvStream struct {
	bucket string
	js     jetstream.JetStream
	stream jetstream.Stream
}

// openStream binds the stream of a bucket. Requests end after the timeout if their
// context sets none.
func openStream(ctx context.Context, nc *nats.Conn, bucket string, timeout time.Duration) (*kvStream, error) {
	js, err := jetstream.New(nc, jetstream.WithDefaultTimeout(timeout))
	if err != nil {
		return nil, err
	}
	s := &kvStream{bucket: bucket, js: js}
	if s.stream, err = js.Stream(ctx, s.name()); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *kvStream) name() string              { return "KV_" + s.bucket }
func (s *kvStream) subject(key string) string { return "$KV." + s.bucket + "." + key }
func (s *kvStream) isMirror() bool            { return s.stream.CachedInfo().Config.Mirror != nil }

// update returns the update that a message of the stream means for the cache, or false
// if the message belongs to no key of the bucket.
func (s *kvStream) update(m follow.Message) (update, bool) {
	key, ok := strings.CutPrefix(m.Subject, s.subject(""))
	u := update{key: key, revision: m.Revision}
	if !ok || m.Deleted && len(m.Data) == 0 {
		return u, ok
	}
	e := &entry{
		key: key, revision: m.Revision, time: m.Time, trace: extractTrace(m.Header), data: unique.Make(string(m.Data)),
	}
	if !m.Deleted {
		u.entry = e
		return u, true
	}
	e.revision, _ = strconv.ParseUint(m.Header.Get(deletedHeader), 10, 64)
	u.deleted = e
	return u, true
}
