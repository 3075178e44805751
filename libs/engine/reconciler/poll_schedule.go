package reconciler

import (
	"sync"
	"time"

	"github.com/skep-dev/skep/libs/engine/graph"
)

// pollSchedule keeps in memory when to poll each pending resource next, and its place in the queue
// for an API budget. A reconciliation for another reason then makes no call for these resources.
// After a restart every pending resource is polled once more than needed.
type pollSchedule struct {
	mu    sync.Mutex
	polls map[string]map[string]poll
}

// poll is the schedule of one resource.
type poll struct {
	at   time.Time
	turn graph.Turn
}

// ledgerOf returns l with the poll times and turns of key.
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

// scheduledLedger is a ledger with poll times and turns.
type scheduledLedger struct {
	*ledger
	mu    *sync.Mutex
	polls map[string]poll
}

// NextPoll implements graph.Ledger.
func (l *scheduledLedger) NextPoll(name string) time.Time { return l.poll(name).at }

// SetNextPoll implements graph.Ledger.
func (l *scheduledLedger) SetNextPoll(name string, t time.Time) {
	l.setPoll(name, func(p *poll) { p.at = t })
}

// Turn implements graph.Ledger.
func (l *scheduledLedger) Turn(name string) graph.Turn { return l.poll(name).turn }

// SetTurn implements graph.Ledger.
func (l *scheduledLedger) SetTurn(name string, turn graph.Turn) {
	l.setPoll(name, func(p *poll) { p.turn = turn })
}

func (l *scheduledLedger) poll(name string) poll {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.polls[name]
}

func (l *scheduledLedger) setPoll(name string, change func(*poll)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.polls[name]
	change(&p)
	l.polls[name] = p
}

// Forget implements graph.Ledger. It also drops the poll time and the turn.
func (l *scheduledLedger) Forget(name string) {
	l.ledger.Forget(name)
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.polls, name)
}
