package engine

import (
	"maps"
	"time"

	"github.com/skep-dev/skep/libs/aws/latency"
)

// Record describes one request that reached the engine: one attempt of the SDK, of which a call of a client makes
// several when the SDK retries.
type Record struct {
	Account   string
	Region    string // as in the signature: us-east-1 for IAM and Route 53
	Service   string // the SDK's service id: "EC2", "Elastic Load Balancing v2", "IAM"
	Operation string
	Principal string // the role that called, or "root"
	Mutating  bool
	N         int       // counts from 1 since the start or ResetCalls
	At        time.Time // arrival
	Code      string    // the error code of the answer; "" for success
	Input     any       // the SDK's typed input; read-only
}

// Mutating reports whether an operation changes state, judged by the first word of its name.
func Mutating(operation string) bool { return !latency.ReadOnly(operation) }

// history is the calls since the start or ResetCalls.
type history struct {
	calls     []*Record
	counts    map[string]int // by operation
	throttles map[string]int // by operation
}

func (h *history) add(r *Record) {
	if h.counts == nil {
		h.counts, h.throttles = map[string]int{}, map[string]int{}
	}
	r.N = len(h.calls) + 1
	h.calls = append(h.calls, r)
	h.counts[r.Operation]++
}

// Calls lists the calls since the start or ResetCalls, in order of arrival.
func (e *Engine) Calls() []Record {
	e.mu.Lock()
	defer e.mu.Unlock()
	calls := make([]Record, len(e.history.calls))
	for i, r := range e.history.calls {
		calls[i] = *r
	}
	return calls
}

// CountCalls counts the calls by operation.
func (e *Engine) CountCalls() map[string]int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return maps.Clone(e.history.counts)
}

// CountThrottles counts the throttled calls by operation.
func (e *Engine) CountThrottles() map[string]int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return maps.Clone(e.history.throttles)
}

// ResetCalls empties the record of calls and throttles.
func (e *Engine) ResetCalls() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.history = history{}
}
