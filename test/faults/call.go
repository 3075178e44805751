package faults

import (
	"slices"
	"strings"
	"time"

	awssim "github.com/skep-dev/skep/libs/sim/aws"
)

// late is the hook of a call that reaches AWS, and returns the delay until the call takes
// effect. It is the first hook of a call, so it records the event.
func (p *probe) late(call awssim.Call) time.Duration {
	ledger := p.suite.AWS.Ledger()
	site := Site{Service: serviceOf(call), Operation: call.Operation, Target: targetOf(call, ledger)}
	event, kind := p.record(site, call.Mutating)
	p.mu.Lock()
	p.calls[call.N] = callFault{event, kind}
	p.mu.Unlock()
	if kind == DieLate {
		p.kill(site.Service)
	}
	return delays[kind]
}

// before is the hook of a call before it takes effect.
func (p *probe) before(call awssim.Call) error {
	f := p.callFault(call)
	if call.Mutating {
		p.intents.check(f.event, call, p.suite.AWS.Ledger())
	}
	if slices.Contains(beforeEffect, f.kind) {
		return p.apply(f.event.Service, f.kind)
	}
	return nil
}

// after is the hook of a call that has taken effect.
func (p *probe) after(call awssim.Call) error {
	if f := p.callFault(call); !slices.Contains(beforeEffect, f.kind) {
		return p.apply(f.event.Service, f.kind)
	}
	return nil
}

// callFault is the event of a call that is in progress, and its fault.
type callFault struct {
	event Event
	kind  Kind
}

func (p *probe) callFault(call awssim.Call) callFault {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls[call.N]
}

// serviceOf returns the service that made the call. Each service has its own role in the
// account; only identity uses the credentials of the installation.
func serviceOf(call awssim.Call) string {
	if service, ok := strings.CutPrefix(call.Principal, "skep-"); ok {
		return service
	}
	return "identity"
}
