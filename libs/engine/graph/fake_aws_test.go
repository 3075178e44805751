package graph_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// fakeAWS is AWS in memory: calls take time, new resources appear late, and selected calls fail.
type fakeAWS struct {
	answer time.Duration // Duration of a call.
	lag    time.Duration // Time until a new resource appears.

	mu        sync.Mutex
	created   int
	resources []*awsResource
	calls     []string
	before    map[string]error // Errors of calls that then have no effect, once, by "verb name".
	after     map[string]error // Errors of calls that take effect although they fail, once.
	late      time.Duration    // Delay of the effect of the first create, whose answer is lost.
	panics    string           // The call that panics.
	persist   bool             // The errors in before are permanent.
}

// awsResource is one resource that exists.
type awsResource struct {
	id, name, token, value string
	born, ready, gone      time.Time
}

// begin records a call and returns the error that keeps it from taking effect.
func (c *fakeAWS) begin(verb, name string) error {
	c.mu.Lock()
	call := verb + " " + name
	c.calls = append(c.calls, call)
	err := c.before[call]
	if !c.persist {
		delete(c.before, call)
	}
	c.mu.Unlock()
	time.Sleep(c.answer)
	if c.panics == call {
		panic("the resource is broken")
	}
	return err
}

// end returns the error of a call that took effect.
func (c *fakeAWS) end(verb, name string) error {
	err := c.after[verb+" "+name]
	delete(c.after, verb+" "+name)
	return err
}

// find returns the visible resource with this id, or with this token if id is empty.
func (c *fakeAWS) find(id, token string) *awsResource {
	now := time.Now()
	for _, t := range c.resources {
		if (id != "" && t.id == id || id == "" && token != "" && t.token == token) &&
			now.Sub(t.born) >= c.lag && (t.gone.IsZero() || now.Before(t.gone)) {
			return t
		}
	}
	return nil
}

// takeCalls returns the calls since its last use.
func (c *fakeAWS) takeCalls() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	calls := c.calls
	c.calls = nil
	return calls
}

// live counts the existing resources, visible or not.
func (c *fakeAWS) live() int {
	return len(slices.DeleteFunc(slices.Clone(c.resources), func(t *awsResource) bool { return !t.gone.IsZero() && !time.Now().Before(t.gone) }))
}

// fakeResource is a resource without a client token or a natural key, which cannot be changed in place.
type fakeResource struct {
	graph.Node
	aws     *fakeAWS
	name    string
	value   string
	needs   []graph.Resource
	latency graph.Latency
}

func (r *fakeResource) Name() string                   { return r.name }
func (r *fakeResource) Needs() []graph.Resource        { return r.needs }
func (r *fakeResource) ExpectedLatency() graph.Latency { return r.latency }

// label is the name under which calls are recorded: the id in a delete, which has no name.
func (r *fakeResource) label() string {
	if r.name != "" {
		return r.name
	}
	return r.ID()
}

func (r *fakeResource) Observe(context.Context) (graph.State, error) {
	c := r.aws
	if err := c.begin("observe", r.label()); err != nil {
		return graph.Absent, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	found := c.find(r.ID(), r.Token())
	if found == nil {
		return graph.Absent, nil
	}
	r.SetID(found.id)
	switch {
	case !found.gone.IsZero(), time.Now().Before(found.ready):
		return graph.Pending, nil
	case r.name != "" && found.value != r.value:
		return graph.Drifted, nil
	}
	r.SetAttribute("address", "of "+found.id)
	return graph.Ready, nil
}

func (r *fakeResource) Create(context.Context) (graph.State, error) { return r.create("") }

func (r *fakeResource) create(id string) (graph.State, error) {
	c := r.aws
	if err := c.begin("create", r.name); err != nil {
		return graph.Absent, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if late := c.late; late > 0 {
		c.late = 0
		requested := &awsResource{id: id, name: r.name, token: r.Token(), value: r.value}
		time.AfterFunc(late, func() { c.carryOut(requested) })
		return graph.Absent, lostAnswer
	}
	c.created++
	if id == "" {
		id = fmt.Sprintf("%s#%d", r.name, c.created)
	}
	now := time.Now()
	t := &awsResource{id: id, name: r.name, token: r.Token(), value: r.value, born: now, ready: now.Add(r.latency.Ready)}
	c.resources = append(c.resources, t)
	if err := c.end("create", r.name); err != nil {
		return graph.Absent, err
	}
	r.SetID(t.id)
	if r.latency.Ready > 0 {
		return graph.Pending, nil
	}
	return graph.Ready, nil
}

// carryOut creates a resource that was requested earlier, unless it exists by now.
func (c *fakeAWS) carryOut(requested *awsResource) {
	c.mu.Lock()
	defer c.mu.Unlock()
	exists := slices.ContainsFunc(c.resources, func(t *awsResource) bool {
		return t.gone.IsZero() && (t.token == requested.token || t.id == requested.id)
	})
	if exists {
		return
	}
	if requested.id == "" {
		requested.id = requested.name + "#late"
	}
	requested.born = time.Now()
	c.resources = append(c.resources, requested)
}

func (r *fakeResource) Delete(context.Context) error {
	c := r.aws
	if err := c.begin("delete", r.label()); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, t := range c.resources {
		if t.id == r.ID() && t.gone.IsZero() {
			t.gone = time.Now().Add(r.latency.Deleted)
		}
	}
	return c.end("delete", r.label())
}

// idempotentResource is a resource whose create takes a client token.
type idempotentResource struct{ fakeResource }

func (*idempotentResource) IdempotentCreate() {}

func (r *idempotentResource) Create(ctx context.Context) (graph.State, error) {
	r.aws.mu.Lock()
	i := slices.IndexFunc(r.aws.resources, func(t *awsResource) bool { return t.token == r.Token() })
	r.aws.mu.Unlock()
	if i < 0 {
		return r.fakeResource.Create(ctx)
	}
	if err := r.aws.begin("create", r.name); err != nil {
		return graph.Absent, err
	}
	r.SetID(r.aws.resources[i].id)
	return graph.Ready, nil
}

// keyedResource is a resource with a natural key.
type keyedResource struct{ fakeResource }

func (r *keyedResource) Key() string { return "key of " + r.name }

func (r *keyedResource) Create(context.Context) (graph.State, error) { return r.create(r.Key()) }

// updatableResource is a resource that can be changed in place.
type updatableResource struct{ fakeResource }

func (r *updatableResource) Update(context.Context) error {
	if err := r.aws.begin("update", r.name); err != nil {
		return err
	}
	r.aws.mu.Lock()
	defer r.aws.mu.Unlock()
	r.aws.find(r.ID(), "").value = r.value
	return nil
}

// testLedger is a ledger that also keeps poll times and turns.
type testLedger struct {
	*graph.Memory
	mu    sync.Mutex
	polls map[string]time.Time
	turns map[string]graph.Turn
}

func newLedger(entries ...graph.Entry) *testLedger {
	return &testLedger{Memory: graph.NewMemory("t", entries...), polls: make(map[string]time.Time), turns: make(map[string]graph.Turn)}
}

func (l *testLedger) NextPoll(name string) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.polls[name]
}

func (l *testLedger) SetNextPoll(name string, t time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.polls[name] = t
}

func (l *testLedger) Turn(name string) graph.Turn {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.turns[name]
}

func (l *testLedger) SetTurn(name string, turn graph.Turn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.turns[name] = turn
}

// entry returns the entry of a resource.
func (l *testLedger) entry(name string) (graph.Entry, bool) {
	for _, e := range l.Entries() {
		if e.Name == name {
			return e, true
		}
	}
	return graph.Entry{}, false
}

// inVirtualTime runs a test in virtual time.
func inVirtualTime(t *testing.T, test func(t *testing.T, c *fakeAWS)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		test(t, &fakeAWS{before: make(map[string]error), after: make(map[string]error)})
	})
}

// factories returns the factories of these resource types, whose delete takes latency.
func factories(c *fakeAWS, latency time.Duration, names ...string) graph.Factories {
	created := make(graph.Factories)
	for _, name := range names {
		created[name] = func() graph.Resource { return &fakeResource{aws: c, latency: graph.Latency{Deleted: latency}} }
	}
	return created
}

// Errors of AWS: quota needs an account administrator, busy ends without action, and lostAnswer
// leaves the effect of the call unknown.
var (
	quota      = &fault.Fault{Kind: fault.Exhausted, Class: fault.Quota, AWSCode: "VpcLimitExceeded", Message: "too many"}
	busy       = &fault.Fault{Kind: fault.Unavailable, Class: fault.Dependency, AWSCode: "DependencyViolation", Message: "in use"}
	lostAnswer = &fault.Fault{Kind: fault.Unavailable, Class: fault.Transient, Message: "no answer", Uncertain: true}
)

// line returns one line of a report.
func line(outcome graph.Outcome, name string) string {
	return strings.TrimSuffix(graph.Report{{Name: name, Outcome: outcome}}.String(), "\n")
}
