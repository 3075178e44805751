package faults

import (
	"slices"
	"strings"
	"sync"
	"time"

	awssim "github.com/skep-dev/skep/libs/sim/aws"
	"github.com/skep-dev/skep/test/clustertest"
)

// owners are the services by the first segment of their keys in the store.
var owners = map[string]string{
	"organizations": "identity", "accounts": "identity", "clusterIdentities": "identity",
	"networks": "network", "apiEndpoints": "ingress", "ingresses": "ingress",
	"controlPlanes": "compute", "nodePools": "compute", "bastions": "bastion", "clusters": "gateway",
}

// probe hooks into every store write and AWS call of a suite: it records the events and
// injects the planned faults.
type probe struct {
	plan    []Injection
	intents *intents

	mu      sync.Mutex
	suite   *clustertest.Suite
	armed   bool
	count   map[Site]int
	trace   []Event
	calls   map[int]callFault // by the number of the call
	writes  map[Site]Kind     // in progress; a record has one writer at a time
	reached []bool
	broken  int // The number of events up to the first fault.
}

func newProbe(plan []Injection) *probe {
	return &probe{plan: plan, count: make(map[Site]int), calls: make(map[int]callFault), writes: make(map[Site]Kind),
		reached: make([]bool, len(plan)), intents: newIntents()}
}

// arm starts to record events and to inject faults.
func (p *probe) arm(s *clustertest.Suite) {
	p.mu.Lock()
	p.suite, p.armed = s, true
	p.mu.Unlock()
	s.AWS.Inject(awssim.Faults{Late: p.late, Before: p.before, After: p.after})
}

// disarm stops recording and injecting. Calls in progress keep their faults.
func (p *probe) disarm() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.armed = false
}

// record records an event and returns its fault, or "".
func (p *probe) record(site Site, mutating bool) (Event, Kind) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.armed {
		return Event{Site: site}, ""
	}
	p.count[site]++
	event := Event{Site: site, N: p.count[site], Mutating: mutating}
	p.trace = append(p.trace, event)
	return event, p.planned(event)
}

// planned returns the planned fault of an event, or "". Each injection is returned once.
func (p *probe) planned(event Event) Kind {
	for i, injection := range p.plan {
		if injection.Site == event.Site && injection.N == event.N && !p.reached[i] {
			p.reached[i] = true
			if p.broken == 0 {
				p.broken = len(p.trace)
			}
			return injection.Kind
		}
	}
	return ""
}

// beforeEffect are the kinds that act before a call or a write takes effect.
var beforeEffect = []Kind{DieBefore, Fail, Throttle, Stall}

// apply applies a fault to a service and returns the error that the caller gets.
func (p *probe) apply(service string, kind Kind) error {
	switch kind {
	case DieBefore, DieAfter:
		p.kill(service)
		return errLost
	case DieAnswered:
		// In virtual time, the nanosecond passes when every goroutine waits.
		time.AfterFunc(time.Nanosecond, func() { p.kill(service) })
	case Fail:
		return errFailed
	case Throttle:
		return errThrottled
	case Lose:
		return errLost
	case Stall:
		time.Sleep(stallDuration)
	}
	return nil
}

// kill ends every replica of a service as a crash does, and starts a new one for each.
func (p *probe) kill(service string) {
	for _, replica := range slices.Clone(p.suite.Running(service)) {
		replica.Kill()
		go func() {
			p.suite.Kill(replica)
			p.suite.Start(service)
		}()
	}
}

// write is the hook of the store. The store calls it before arm too.
func (p *probe) write(operation, key string, after bool) error {
	segment, _, _ := strings.Cut(key, "/")
	site := Site{Service: owners[segment], Operation: operation, Target: key}
	if !after {
		_, kind := p.record(site, true)
		p.mu.Lock()
		p.writes[site] = kind
		p.mu.Unlock()
		if slices.Contains(beforeEffect, kind) {
			return storeError(p.apply(site.Service, kind))
		}
		return nil
	}
	p.mu.Lock()
	kind := p.writes[site]
	p.mu.Unlock()
	if kind == DieAfter || kind == Lose {
		return storeError(p.apply(site.Service, kind))
	}
	return nil
}

// storeError returns the error that the writer of the store gets.
func storeError(err error) error {
	if err != nil {
		return errStore
	}
	return nil
}
