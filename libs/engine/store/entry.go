package store

import (
	"sync"
	"time"
	"unique"
	"weak"

	"go.opentelemetry.io/otel/trace"
	"google.golang.org/protobuf/proto"

	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"
)

// entry is the encoded form of a record in the cache. The bytes take a tenth of the
// memory of the decoded record, and a process holds equal bytes once, however many
// mirrors of a bucket it reads.
type entry struct {
	key      string
	revision uint64
	time     time.Time
	trace    trace.SpanContext
	data     unique.Handle[string]

	mu      sync.Mutex
	decoded weak.Pointer[recordv1.Record]
}

// record decodes the entry. Its callers share the decoded record until none of them
// holds it and the garbage collector frees it.
func (e *entry) record() (Record, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	value := e.decoded.Value()
	if value == nil {
		value = &recordv1.Record{}
		if err := proto.Unmarshal([]byte(e.data.Value()), value); err != nil {
			return Record{}, err
		}
		e.decoded = weak.Make(value)
	}
	return Record{Key: e.key, Revision: e.revision, Time: e.time, Trace: e.trace, Record: value}, nil
}
