package moto

import (
	"context"
	"maps"
	"net/http"
	"slices"
)

// Unheard is what AWS did without anybody hearing of it. It is safe for concurrent use.
type Unheard struct {
	// Calls are told of as they are carried out. Whoever made one waits for its answer
	// until it gives up.
	Calls <-chan Call

	door *Door
	told chan Call
	done map[string]bool // guarded by the counting of the door
}

// Unheard withholds the answer of the first call of every operation that changes
// something, from now on, until whoever asked is gone.
func (d *Door) Unheard() *Unheard {
	told := make(chan Call)
	u := &Unheard{Calls: told, door: d, told: told, done: make(map[string]bool)}
	d.counting.Lock()
	defer d.counting.Unlock()
	d.unheard = u
	return u
}

// Operations are those that were not heard of until now, by name.
func (u *Unheard) Operations() []string {
	u.door.counting.Lock()
	defer u.door.counting.Unlock()
	return slices.Sorted(maps.Keys(u.done))
}

// withhold returns when a call that was carried out may be answered.
func (d *Door) withhold(asked context.Context, call Call) {
	d.counting.Lock()
	u := d.unheard
	first := u != nil && !call.Reads() && call.Status < http.StatusMultipleChoices && !u.done[call.Operation]
	if first {
		u.done[call.Operation] = true
	}
	d.counting.Unlock()
	if !first {
		return
	}
	select {
	case u.told <- call:
		<-asked.Done()
	case <-asked.Done(): // It went with another whose call was told of.
	}
}
