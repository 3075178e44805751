package graph

import (
	"context"
	"time"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// Ledger remembers what belongs to a resource, from the intent to create it
// until it is gone. It decides what is ours; tags are only a cross-check.
// Its methods are safe for concurrent use.
type Ledger interface {
	// Entries returns everything that is remembered, in the order it was
	// intended.
	Entries() []Entry
	// Intend stores that e is about to be created and returns once that is
	// durable. Nothing may be created unless it returned nil.
	Intend(ctx context.Context, e Entry) error
	// Note remembers what became of e. It is durable at the latest with the
	// next intent or at the end of the pass.
	Note(e Entry)
	// Forget removes what is gone.
	Forget(name string)
	// NextPoll returns when a thing that is being waited for is worth the next look,
	// and SetLook remembers it. That need not be durable.
	NextPoll(name string) time.Time
	SetNextPoll(name string, t time.Time)
	// Turn returns the place of a create that was put off, nil if there is none, and
	// SetTurn remembers it. That need not be durable.
	Turn(name string) Turn
	SetTurn(name string, turn Turn)
	// Token makes the token of an attempt to create a thing. The same attempt
	// has the same token.
	Token(name string, attempt int) string
}

// Entry is what a ledger remembers of one thing.
type Entry struct {
	// Name is the name of the resource, and Needs are the names of what it
	// needed when it was created.
	Name  string
	Needs []string
	// Token marks the create, Attempt counts the deliberate ones.
	Token   string
	Attempt int
	// Key is the natural key, or "" for what has none.
	Key string
	// ID and Attributes are what the cloud said.
	ID         string
	Attributes map[string]string
	// State is where the thing is in its life, Since when.
	State State
	Since time.Time
	// IntendTime is when the current attempt was intended, ReadyTime when the
	// thing was first ready.
	IntendTime time.Time
	ReadyTime  time.Time
	// UncertainTime is when the thing was last asked for without an answer: until Settle
	// after it something may come of that, whatever came of a repeat.
	UncertainTime time.Time
	// Message says what it waits for, Fault why it was refused.
	Message string
	Fault   *fault.Fault
}

func (e Entry) in(state State, now time.Time) Entry {
	if e.State != state {
		e.State, e.Since = state, now
	}
	if state == Ready && e.ReadyTime.IsZero() {
		e.ReadyTime = now
	}
	if state == Ready || state == Pending || state == Deleting {
		e.Message, e.Fault = "", nil
	}
	return e
}
