package moto

import (
	"context"
	"maps"
	"net/http"
	"slices"
)

// LostAnswers withholds the first answer of each mutating operation. It is safe for concurrent use.
type LostAnswers struct {
	// Calls receives each call whose answer is withheld, after it took effect. Its caller waits
	// for the answer until it is killed or gives up.
	Calls <-chan Call

	proxy    *Proxy
	withheld chan Call
	done     map[string]bool // by operation; guarded by counting of the proxy
}

// LostAnswers starts to withhold the answer of the first successful call of every mutating
// operation until its caller disconnects.
func (p *Proxy) LostAnswers() *LostAnswers {
	withheld := make(chan Call)
	u := &LostAnswers{Calls: withheld, proxy: p, withheld: withheld, done: make(map[string]bool)}
	p.counting.Lock()
	defer p.counting.Unlock()
	p.lostAnswers = u
	return u
}

// Operations returns the sorted names of the operations whose answer was withheld so far.
func (u *LostAnswers) Operations() []string {
	u.proxy.counting.Lock()
	defer u.proxy.counting.Unlock()
	return slices.Sorted(maps.Keys(u.done))
}

// withhold returns when a completed call may be answered.
func (p *Proxy) withhold(ctx context.Context, call Call) {
	p.counting.Lock()
	u := p.lostAnswers
	first := u != nil && !call.Reads() && call.Status < http.StatusMultipleChoices && !u.done[call.Operation]
	if first {
		u.done[call.Operation] = true
	}
	p.counting.Unlock()
	if !first {
		return
	}
	select {
	case u.withheld <- call:
		<-ctx.Done()
	case <-ctx.Done(): // The caller was killed for another call.
	}
}
