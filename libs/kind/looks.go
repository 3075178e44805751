package kind

import (
	"sync"
	"time"

	"github.com/skep-dev/skep/libs/graph"
)

// looks remembers, in memory, when each thing that is being waited for is worth
// the next look. A pass that is woken by something else then asks AWS nothing
// about it. A restart forgets them, and looks once too often.
type looks struct {
	mu    sync.Mutex
	times map[string]map[string]time.Time
}

// remember returns l with the looks of key.
func (s *looks) remember(key string, l *ledger) graph.Ledger {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.times == nil {
		s.times = make(map[string]map[string]time.Time)
	}
	if s.times[key] == nil {
		s.times[key] = make(map[string]time.Time)
	}
	return &watchful{ledger: l, looks: s, times: s.times[key]}
}

func (s *looks) forget(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.times, key)
}

// watchful is a ledger that knows when to look again.
type watchful struct {
	*ledger
	looks *looks
	times map[string]time.Time
}

// Look returns when a thing is worth the next look.
func (w *watchful) Look(name string) time.Time {
	w.looks.mu.Lock()
	defer w.looks.mu.Unlock()
	return w.times[name]
}

// SetLook remembers when a thing is worth the next look.
func (w *watchful) SetLook(name string, t time.Time) {
	w.looks.mu.Lock()
	defer w.looks.mu.Unlock()
	w.times[name] = t
}

// Forget removes what is gone.
func (w *watchful) Forget(name string) {
	w.ledger.Forget(name)
	w.looks.mu.Lock()
	defer w.looks.mu.Unlock()
	delete(w.times, name)
}
