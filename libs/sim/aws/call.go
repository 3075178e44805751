package aws

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Call is one request that reached the world: one attempt of the SDK, not one call of a client.
type Call struct {
	Account   string
	Region    string // as signed for: us-east-1 for IAM and Route 53
	Service   string // the SDK's service id: "EC2", "Elastic Load Balancing v2", "IAM"
	Operation string
	Principal string // the role that called, or "root"
	Mutating  bool
	N         int       // counts from 1 since the start or ForgetCalls
	At        time.Time // when it arrived
	Code      string    // what AWS answered: "" for success, else the code of the refusal
	Input     any       // the SDK's typed input, not to be changed
}

// call is a Call while it is answered. The world's lock is held.
type call struct {
	Call
	w         *World
	requestID string
	noted     *Call    // the same in the record
	changes   []change // what the call did to things, for the journal
}

func (c *call) now() time.Time { return c.w.now() }

// reads begin the names of operations that change nothing.
var reads = []string{"Describe", "Get", "List", "Search", "Assume", "Simulate"}

func mutating(operation string) bool {
	return !slices.ContainsFunc(reads, func(prefix string) bool { return strings.HasPrefix(operation, prefix) })
}

// record is what was called.
type record struct {
	calls     []*Call
	counts    map[string]int
	throttles map[string]int
}

func (r *record) add(c *Call) {
	if r.counts == nil {
		r.counts, r.throttles = map[string]int{}, map[string]int{}
	}
	c.N = len(r.calls) + 1
	r.calls = append(r.calls, c)
	r.counts[c.Operation]++
}

// Calls lists the calls since the start or ForgetCalls, in the order of their arrival.
func (w *World) Calls() []Call {
	w.mu.Lock()
	defer w.mu.Unlock()
	calls := make([]Call, len(w.record.calls))
	for i, c := range w.record.calls {
		calls[i] = *c
	}
	return calls
}

// Mutations lists the calls that change things, or would have done so had they not been refused.
func (w *World) Mutations() []Call {
	return slices.DeleteFunc(w.Calls(), func(c Call) bool { return !c.Mutating })
}

// CountCalls tells how often each operation was called.
func (w *World) CountCalls() map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.record.counts)
}

// ForgetCalls empties the record of calls and throttles.
func (w *World) ForgetCalls() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.record = record{}
}

// Throttles is how many calls were refused because an API budget was spent.
func (w *World) Throttles() int {
	n := 0
	for _, refused := range w.CountThrottles() {
		n += refused
	}
	return n
}

// CountThrottles tells how often each operation was throttled.
func (w *World) CountThrottles() map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.record.throttles)
}
