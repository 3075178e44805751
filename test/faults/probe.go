package faults

import (
	"slices"
	"strings"
	"sync"
	"time"

	awssim "github.com/skep-dev/skep/libs/sim/aws"
	"github.com/skep-dev/skep/test/scene"
)

// owners are the services by the first part of their keys in the store.
var owners = map[string]string{
	"organizations": "identity", "accounts": "identity", "clusterIdentities": "identity",
	"networks": "network", "apiEndpoints": "ingress", "ingresses": "ingress",
	"controlPlanes": "compute", "nodePools": "compute", "bastions": "bastion", "clusters": "gateway",
}

// probe stands at every boundary of a scene: it notes the events that pass, and
// lets go wrong what is planned.
type probe struct {
	plan    []Injection
	intents *intents

	mu      sync.Mutex
	scene   *scene.Scene
	armed   bool
	passed  map[Site]int
	trace   []Event
	calls   map[int]flight // by the number of the call
	writes  map[Site]Kind  // that are under way; a record has one writer at a time
	reached []bool
	broken  int // How many events had passed when the first thing went wrong.
}

func newProbe(plan []Injection) *probe {
	return &probe{plan: plan, passed: make(map[Site]int), calls: make(map[int]flight), writes: make(map[Site]Kind),
		reached: make([]bool, len(plan)), intents: newIntents()}
}

// arm begins to note events and to break them.
func (p *probe) arm(s *scene.Scene) {
	p.mu.Lock()
	p.scene, p.armed = s, true
	p.mu.Unlock()
	s.AWS.Inject(awssim.Faults{Late: p.late, Before: p.before, After: p.after})
}

// disarm lets everything pass from now on. What is known of calls under way stays.
func (p *probe) disarm() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.armed = false
}

// pass notes an event, and says what is to happen to it.
func (p *probe) pass(site Site, mutating bool) (Event, Kind) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.armed {
		return Event{Site: site}, ""
	}
	p.passed[site]++
	event := Event{Site: site, N: p.passed[site], Mutating: mutating}
	p.trace = append(p.trace, event)
	return event, p.planned(event)
}

// planned is what is to happen to an event. It happens once.
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

// ahead are the kinds that happen before a call or a write takes effect.
var ahead = []Kind{DieBefore, Fail, Throttle, Stall}

// strike does to a service what the kind says, and returns what its caller is told.
func (p *probe) strike(service string, kind Kind) error {
	switch kind {
	case DieBefore, DieAfter:
		p.kill(service)
		return errLost
	case DieAnswered:
		// A nanosecond passes when everybody waits for something.
		time.AfterFunc(time.Nanosecond, func() { p.kill(service) })
	case Fail:
		return errFailed
	case Throttle:
		return errThrottled
	case Lose:
		return errLost
	case Stall:
		time.Sleep(standstill)
	}
	return nil
}

// kill ends every replica of a service as a crash would, and starts another.
func (p *probe) kill(service string) {
	for _, replica := range slices.Clone(p.scene.Running(service)) {
		replica.Kill()
		go func() {
			p.scene.Kill(replica)
			p.scene.Start(service)
		}()
	}
}

// write is the hook of the store. It is there before the scene is.
func (p *probe) write(operation, key string, after bool) error {
	segment, _, _ := strings.Cut(key, "/")
	site := Site{Service: owners[segment], Operation: operation, Target: key}
	if !after {
		_, kind := p.pass(site, true)
		p.mu.Lock()
		p.writes[site] = kind
		p.mu.Unlock()
		if slices.Contains(ahead, kind) {
			return storeError(p.strike(site.Service, kind))
		}
		return nil
	}
	p.mu.Lock()
	kind := p.writes[site]
	p.mu.Unlock()
	if kind == DieAfter || kind == Lose {
		return storeError(p.strike(site.Service, kind))
	}
	return nil
}

// storeError is what a writer is told of what happened.
func storeError(err error) error {
	if err != nil {
		return errStore
	}
	return nil
}
