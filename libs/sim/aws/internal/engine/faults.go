package engine

import "time"

// Faults are hooks that make calls fail. Each may be nil. They run without any lock held. They may block, call the
// simulation, or never return, which simulates a process that dies at this call.
type Faults struct {
	// Before returns an error that the caller gets instead of an answer. The call does not take effect.
	Before func(Record) error

	// After returns an error that the caller gets although the call took effect: a lost response.
	After func(Record) error

	// Late returns the delay after which the call takes effect, while the caller gets a timeout at once. Zero means a
	// normal answer. The result of a late call is discarded.
	Late func(Record) time.Duration
}

// Inject replaces the fault hooks. Inject(Faults{}) removes them; late calls that are under way still take effect.
func (e *Engine) Inject(faults Faults) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.faults = faults
}
