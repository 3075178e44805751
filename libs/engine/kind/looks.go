package kind

import (
	"sync"
	"time"

	"github.com/skep-dev/skep/libs/engine/graph"
)

// looks remembers, in memory, when each thing that is being waited for is worth
// the next look, and whose turn to be created has not come. A pass that is woken by
// something else then asks AWS nothing about it. A restart forgets them, and looks
// once too often.
type looks struct {
	mu    sync.Mutex
	looks map[string]map[string]look
}

// look is what is remembered of one thing.
type look struct {
	at   time.Time
	turn graph.Turn
}

// remember returns l with the looks of key.
func (s *looks) remember(key string, l *ledger) graph.Ledger {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.looks == nil {
		s.looks = make(map[string]map[string]look)
	}
	if s.looks[key] == nil {
		s.looks[key] = make(map[string]look)
	}
	return &watchful{ledger: l, mu: &s.mu, looks: s.looks[key]}
}

func (s *looks) forget(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.looks, key)
}

// watchful is a ledger that knows when to look again.
type watchful struct {
	*ledger
	mu    *sync.Mutex
	looks map[string]look
}

// Look returns when a thing is worth the next look.
func (w *watchful) Look(name string) time.Time { return w.remembered(name).at }

// SetLook remembers when a thing is worth the next look.
func (w *watchful) SetLook(name string, t time.Time) {
	w.remember(name, func(l *look) { l.at = t })
}

// Turn returns the place of a create that was put off.
func (w *watchful) Turn(name string) graph.Turn { return w.remembered(name).turn }

// SetTurn remembers the place of a create that was put off.
func (w *watchful) SetTurn(name string, turn graph.Turn) {
	w.remember(name, func(l *look) { l.turn = turn })
}

func (w *watchful) remembered(name string) look {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.looks[name]
}

func (w *watchful) remember(name string, change func(*look)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	l := w.looks[name]
	change(&l)
	w.looks[name] = l
}

// Forget removes what is gone.
func (w *watchful) Forget(name string) {
	w.ledger.Forget(name)
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.looks, name)
}
