package aws

import "time"

// Faults are hooks that make calls go wrong. Each may be nil. They run without any lock held and may block, call into
// the world, or not return at all (a process that dies at this very call).
type Faults struct {
	// Before returns an error that is given to the caller in place of an answer. The call did not act.
	Before func(Call) error

	// After returns an error that is given to the caller although the call acted: a lost response.
	After func(Call) error

	// Late returns how long from now the call takes effect, while the caller is told at once that the request timed out.
	// Zero means that the call is answered as usual. What becomes of a late call nobody is told.
	Late func(Call) time.Duration
}

// Inject replaces the faults of the world. Inject(Faults{}) ends all trouble but late effects already under way.
func (w *World) Inject(faults Faults) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults = faults
}

// effect is what a late call will do.
type effect struct {
	at  time.Time
	act func()
}

// settle lets late calls act whose time has come, in the order of their times. The lock is held.
func (w *World) settle() {
	for len(w.late) > 0 && !w.late[0].at.After(w.now()) {
		next := w.late[0]
		w.late = w.late[1:]
		next.act()
	}
}
