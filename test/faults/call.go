package faults

import (
	"slices"
	"strings"
	"time"

	awssim "github.com/skep-dev/skep/libs/sim/aws"
)

// late is the hook of a call that arrives. It comes first, so that it is here that
// an event is noted.
func (p *probe) late(call awssim.Call) time.Duration {
	ledger := p.scene.AWS.Ledger()
	site := Site{Service: serviceOf(call), Operation: call.Operation, Target: targetOf(call, ledger)}
	event, kind := p.pass(site, call.Mutating)
	p.mu.Lock()
	p.calls[call.N] = flight{event, kind}
	p.mu.Unlock()
	if kind == DieLate {
		p.kill(site.Service)
	}
	return delays[kind]
}

// before is the hook of a call that is about to take effect.
func (p *probe) before(call awssim.Call) error {
	f := p.flight(call)
	if call.Mutating {
		p.intents.check(f.event, call, p.scene.AWS.Ledger())
	}
	if slices.Contains(ahead, f.kind) {
		return p.strike(f.event.Service, f.kind)
	}
	return nil
}

// after is the hook of a call that took effect.
func (p *probe) after(call awssim.Call) error {
	if f := p.flight(call); !slices.Contains(ahead, f.kind) {
		return p.strike(f.event.Service, f.kind)
	}
	return nil
}

// flight is a call on its way.
type flight struct {
	event Event
	kind  Kind
}

func (p *probe) flight(call awssim.Call) flight {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls[call.N]
}

// serviceOf is who called: each service has a role of its own in the account, and
// identity alone has the keys of the installation.
func serviceOf(call awssim.Call) string {
	if service, ok := strings.CutPrefix(call.Principal, "skep-"); ok {
		return service
	}
	return "identity"
}
