package reconciler

import (
	"sync"
	"time"

	"github.com/skep-dev/skep/libs/engine/graph"
)

// pollSchedule remembers, in memory, when each thing that is being waited for is worth
// the next look, and whose turn to be created has not come. A pass that is woken by
// something else then asks AWS nothing about it. A restart forgets them, and looks
// once too often.
type pollSchedule struct {
	mu    sync.Mutex
	polls map[string]map[string]poll
}

// poll is what is remembered of one thing.
type poll struct {
	at   time.Time
	turn graph.Turn
}

// ledgerOf returns l with the looks of key.
func (s *pollSchedule) ledgerOf(key string, l *ledger) graph.Ledger {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.polls == nil {
		s.polls = make(map[string]map[string]poll)
	}
	if s.polls[key] == nil {
		s.polls[key] = make(map[string]poll)
	}
	return &scheduledLedger{ledger: l, mu: &s.mu, polls: s.polls[key]}
}

func (s *pollSchedule) forget(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.polls, key)
}

// scheduledLedger is a ledger that knows when to look again.
type scheduledLedger struct {
	*ledger
	mu    *sync.Mutex
	polls map[string]poll
}

// NextPoll returns when a thing is worth the next look.
func (w *scheduledLedger) NextPoll(name string) time.Time { return w.poll(name).at }

// SetNextPoll remembers when a thing is worth the next look.
func (w *scheduledLedger) SetNextPoll(name string, t time.Time) {
	w.setPoll(name, func(l *poll) { l.at = t })
}

// Turn returns the place of a create that was put off.
func (w *scheduledLedger) Turn(name string) graph.Turn { return w.poll(name).turn }

// SetTurn remembers the place of a create that was put off.
func (w *scheduledLedger) SetTurn(name string, turn graph.Turn) {
	w.setPoll(name, func(l *poll) { l.turn = turn })
}

func (w *scheduledLedger) poll(name string) poll {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.polls[name]
}

func (w *scheduledLedger) setPoll(name string, change func(*poll)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	l := w.polls[name]
	change(&l)
	w.polls[name] = l
}

// Forget removes what is gone.
func (w *scheduledLedger) Forget(name string) {
	w.ledger.Forget(name)
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.polls, name)
}
