package store

import (
	"time"

	"go.opentelemetry.io/otel/trace"
	"google.golang.org/protobuf/proto"

	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"
)

// MaxSize is the maximum size of an encoded record in bytes.
const MaxSize = 256 << 10

// A Record is the content of a bucket under one key. All readers of the cache share it:
// change only a [Record.Clone].
type Record struct {
	// Key is the name of the record in its bucket.
	Key string
	// Revision is the sequence of the write. It grows over the whole bucket and is the
	// same in mirrors.
	Revision uint64
	// Time is the time of the write.
	Time time.Time
	// Trace is the span that wrote the record, or the zero value without a span.
	Trace trace.SpanContext
	*recordv1.Record
}

// Clone returns a copy that the caller may change.
func (r Record) Clone() Record {
	r.Record = proto.CloneOf(r.Record)
	return r
}

// A Change is the newest state of one key.
type Change struct {
	// Key is the name of the record in its bucket.
	Key string
	// Record is the current record, or nil if it was deleted.
	Record *Record
	// Before is the last known content of a deleted record, or nil if it is unknown. It is
	// nil while the record exists.
	Before *Record
}
