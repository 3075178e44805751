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

// cloud is a very small cloud: it takes its time, shows things late, honours
// tokens, and goes wrong where it is told to.
type cloud struct {
	answer time.Duration // How long a call takes.
	lag    time.Duration // How long a new thing does not show.

	mu      sync.Mutex
	made    int
	things  []*thing
	calls   []string
	before  map[string]error // What a call is refused with, once, by "verb name".
	after   map[string]error // What the answer of a call that acted is lost with, once.
	late    time.Duration    // How late the first create is carried out, whose answer is lost.
	panics  string           // The call that panics.
	persist bool             // Refusals are not once but for ever.
}

// thing is something in the cloud.
type thing struct {
	id, name, token, value string
	born, ready, gone      time.Time
}

// begin is a call that has arrived; it returns what keeps it from acting.
func (c *cloud) begin(verb, name string) error {
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
		panic("the provider is broken")
	}
	return err
}

// end is a call that has acted; it returns what became of its answer.
func (c *cloud) end(verb, name string) error {
	err := c.after[verb+" "+name]
	delete(c.after, verb+" "+name)
	return err
}

// find returns what exists and shows, by id or by token.
func (c *cloud) find(id, token string) *thing {
	now := time.Now()
	for _, t := range c.things {
		if (id != "" && t.id == id || id == "" && token != "" && t.token == token) &&
			now.Sub(t.born) >= c.lag && (t.gone.IsZero() || now.Before(t.gone)) {
			return t
		}
	}
	return nil
}

// told returns the calls since it was last asked.
func (c *cloud) told() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	calls := c.calls
	c.calls = nil
	return calls
}

// live counts what exists, shown or not.
func (c *cloud) live() int {
	return len(slices.DeleteFunc(slices.Clone(c.things), func(t *thing) bool { return !t.gone.IsZero() && !time.Now().Before(t.gone) }))
}

// machine is a thing without a client token or a natural key, which cannot be
// changed in place.
type machine struct {
	graph.Node
	cloud *cloud
	name  string
	value string
	needs []graph.Resource
	usual graph.Latency
}

func (m *machine) Name() string                   { return m.name }
func (m *machine) Needs() []graph.Resource        { return m.needs }
func (m *machine) ExpectedLatency() graph.Latency { return m.usual }

// label is what the calls about m are recorded under: a deletion knows no name.
func (m *machine) label() string {
	if m.name != "" {
		return m.name
	}
	return m.ID()
}

func (m *machine) Observe(context.Context) (graph.State, error) {
	c := m.cloud
	if err := c.begin("observe", m.label()); err != nil {
		return graph.Absent, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	found := c.find(m.ID(), m.Token())
	if found == nil {
		return graph.Absent, nil
	}
	m.SetID(found.id)
	switch {
	case !found.gone.IsZero(), time.Now().Before(found.ready):
		return graph.Pending, nil
	case m.name != "" && found.value != m.value:
		return graph.Drifted, nil
	}
	m.SetAttribute("address", "of "+found.id)
	return graph.Ready, nil
}

func (m *machine) Create(context.Context) (graph.State, error) { return m.create("") }

func (m *machine) create(id string) (graph.State, error) {
	c := m.cloud
	if err := c.begin("create", m.name); err != nil {
		return graph.Absent, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if late := c.late; late > 0 {
		c.late = 0
		asked := &thing{id: id, name: m.name, token: m.Token(), value: m.value}
		time.AfterFunc(late, func() { c.carryOut(asked) })
		return graph.Absent, unansweredMessage
	}
	c.made++
	if id == "" {
		id = fmt.Sprintf("%s#%d", m.name, c.made)
	}
	now := time.Now()
	t := &thing{id: id, name: m.name, token: m.Token(), value: m.value, born: now, ready: now.Add(m.usual.Ready)}
	c.things = append(c.things, t)
	if err := c.end("create", m.name); err != nil {
		return graph.Absent, err
	}
	m.SetID(t.id)
	if m.usual.Ready > 0 {
		return graph.Pending, nil
	}
	return graph.Ready, nil
}

// carryOut makes what was asked for long ago, unless it is there by now.
func (c *cloud) carryOut(asked *thing) {
	c.mu.Lock()
	defer c.mu.Unlock()
	there := slices.ContainsFunc(c.things, func(t *thing) bool { return t.gone.IsZero() && (t.token == asked.token || t.id == asked.id) })
	if there {
		return
	}
	if asked.id == "" {
		asked.id = asked.name + "#late"
	}
	asked.born = time.Now()
	c.things = append(c.things, asked)
}

func (m *machine) Delete(context.Context) error {
	c := m.cloud
	if err := c.begin("delete", m.label()); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, t := range c.things {
		if t.id == m.ID() && t.gone.IsZero() {
			t.gone = time.Now().Add(m.usual.Gone)
		}
	}
	return c.end("delete", m.label())
}

// repeatable is a machine whose create takes a client token.
type repeatable struct{ machine }

func (*repeatable) IdempotentCreate() {}

func (r *repeatable) Create(ctx context.Context) (graph.State, error) {
	r.cloud.mu.Lock()
	i := slices.IndexFunc(r.cloud.things, func(t *thing) bool { return t.token == r.Token() })
	r.cloud.mu.Unlock()
	if i < 0 {
		return r.machine.Create(ctx)
	}
	if err := r.cloud.begin("create", r.name); err != nil {
		return graph.Absent, err
	}
	r.SetID(r.cloud.things[i].id)
	return graph.Ready, nil
}

// keyed is a machine that is found by its name.
type keyed struct{ machine }

func (k *keyed) Key() string { return "key of " + k.name }

func (k *keyed) Create(context.Context) (graph.State, error) { return k.create(k.Key()) }

// mended is a machine that can be changed in place.
type mended struct{ machine }

func (m *mended) Update(context.Context) error {
	if err := m.cloud.begin("update", m.name); err != nil {
		return err
	}
	m.cloud.mu.Lock()
	defer m.cloud.mu.Unlock()
	m.cloud.find(m.ID(), "").value = m.value
	return nil
}

// memory is a ledger that also remembers when to look, and whose turn has not come.
type memory struct {
	*graph.Memory
	mu    sync.Mutex
	looks map[string]time.Time
	turns map[string]graph.Turn
}

func newMemory(entries ...graph.Entry) *memory {
	return &memory{Memory: graph.NewMemory("t", entries...), looks: make(map[string]time.Time), turns: make(map[string]graph.Turn)}
}

func (m *memory) NextPoll(name string) time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.looks[name]
}

func (m *memory) SetNextPoll(name string, t time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.looks[name] = t
}

func (m *memory) Turn(name string) graph.Turn {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.turns[name]
}

func (m *memory) SetTurn(name string, turn graph.Turn) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.turns[name] = turn
}

// entry returns what is remembered of a thing.
func (m *memory) entry(name string) (graph.Entry, bool) {
	for _, e := range m.Entries() {
		if e.Name == name {
			return e, true
		}
	}
	return graph.Entry{}, false
}

// inBubble runs a test in virtual time.
func inBubble(t *testing.T, test func(t *testing.T, c *cloud)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		test(t, &cloud{before: make(map[string]error), after: make(map[string]error)})
	})
}

// kinds makes the empty machines of a cloud, which take usual to go.
func kinds(c *cloud, usual time.Duration, names ...string) graph.Factories {
	made := make(graph.Factories)
	for _, name := range names {
		made[name] = func() graph.Resource { return &machine{cloud: c, usual: graph.Latency{Gone: usual}} }
	}
	return made
}

// quota is a refusal that an administrator must end, lost an answer that never came.
var (
	quota             = &fault.Fault{Kind: fault.Exhausted, Class: fault.Quota, AWSCode: "VpcLimitExceeded", Message: "too many"}
	busy              = &fault.Fault{Kind: fault.Unavailable, Class: fault.Dependency, AWSCode: "DependencyViolation", Message: "in use"}
	unansweredMessage = &fault.Fault{Kind: fault.Unavailable, Class: fault.Transient, Message: "no answer", InDoubt: true}
)

// line is one line of a report.
func line(outcome graph.Outcome, name string) string {
	return strings.TrimSuffix(graph.Report{{Name: name, Outcome: outcome}}.String(), "\n")
}
