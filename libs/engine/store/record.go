package store

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unique"

	"github.com/nats-io/nats.go"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/protobuf/proto"

	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"
)

// A Record is what a bucket holds under a key. Records are shared by all who
// read the cache: change a [Record.Clone] only.
type Record struct {
	// Key names the record in its bucket.
	Key string
	// Revision is the sequence of the write. It grows over the whole bucket and is
	// the same in mirrors.
	Revision uint64
	// Time is when it was written.
	Time time.Time
	// Trace is the span that wrote the record, if there was one.
	Trace trace.SpanContext
	*recordv1.Record
}

// Clone returns a copy that may be changed.
func (r Record) Clone() Record {
	r.Record = proto.CloneOf(r.Record)
	return r
}

// A Change is what became of a key.
type Change struct {
	// Key names the record.
	Key string
	// Record is what it is now; nil if it is gone.
	Record *Record
	// Before is what it was as last seen, if it is gone and was seen.
	Before *Record
}

// tracing carries the span of a writer to those who read the record, as W3C
// trace context.
var tracing = propagation.TraceContext{}

// keyPattern is what the subjects of a bucket can carry.
var keyPattern = regexp.MustCompile(`^[-/_=.a-zA-Z0-9]+$`)

// checkKey says why a key cannot be stored.
func checkKey(key string) error {
	switch {
	case key == "":
		return fmt.Errorf("%w: it is empty", ErrInvalidKey)
	case len(key) > 512:
		return fmt.Errorf("%w %.32q…: it has %d characters, and more than 512 do not fit", ErrInvalidKey, key, len(key))
	case !keyPattern.MatchString(key):
		return fmt.Errorf("%w %q: it may hold letters, digits and -_=./ only", ErrInvalidKey, key)
	case strings.HasPrefix(key, "."), strings.HasSuffix(key, "."), strings.Contains(key, ".."):
		return fmt.Errorf("%w %q: a dot must stand between other characters", ErrInvalidKey, key)
	}
	return nil
}

// entryOf takes a message of the bucket for the cache: the key, and what lies
// under it. If nothing does any more that is nil, and last is what did, if the mark
// of the delete tells.
func (b *Bucket) entryOf(m Message) (key string, e, last *entry, ok bool) {
	key, ok = strings.CutPrefix(m.Subject, "$KV."+b.name+".")
	if !ok || m.Gone && len(m.Data) == 0 {
		return key, nil, nil, ok
	}
	ctx := tracing.Extract(context.Background(), headers(m.Header))
	e = &entry{
		key: key, revision: m.Revision, time: m.Time, trace: trace.SpanContextFromContext(ctx), data: unique.Make(string(m.Data)),
	}
	if !m.Gone {
		return key, e, nil, true
	}
	e.revision, _ = strconv.ParseUint(m.Header.Get(deletedHeader), 10, 64)
	return key, nil, e, true
}

// spoilt tells that a record cannot be read.
func (b *Bucket) spoilt(e *entry, err error) {
	b.options.Log.Error("decode record", "bucket", b.name, "key", e.key, "revision", e.revision, "error", err)
}

// headers lets trace context travel in NATS headers, which keep their case.
type headers nats.Header

func (h headers) Get(key string) string { return nats.Header(h).Get(key) }
func (h headers) Set(key, value string) { nats.Header(h).Set(key, value) }
func (h headers) Keys() []string {
	keys := make([]string, 0, len(h))
	for k := range h {
		keys = append(keys, k)
	}
	return keys
}
