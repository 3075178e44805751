package graph

import (
	"context"
	"time"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// Ledger is the record of the resources that an object owns, from the intent to create one until
// it is gone. It decides ownership; tags only confirm it. Its methods are safe for concurrent use.
type Ledger interface {
	// Entries returns all entries, in the order of their intents.
	Entries() []Entry
	// Intend stores that e is about to be created and returns once that is durable. A create needs
	// a prior Intend that returned nil.
	Intend(ctx context.Context, e Entry) error
	// Note records the new state of e. It is durable at the latest with the next intent or at the
	// end of the reconciliation.
	Note(e Entry)
	// Forget removes the entry of a resource that is gone.
	Forget(name string)
	// NextPoll returns the time of the next poll of a pending resource, and SetNextPoll records
	// it. It need not be durable.
	NextPoll(name string) time.Time
	SetNextPoll(name string, t time.Time)
	// Turn returns the place of a postponed create, nil if there is none, and SetTurn records it.
	// It need not be durable.
	Turn(name string) Turn
	SetTurn(name string, turn Turn)
	// Token returns the token of an attempt to create a resource. The same attempt always has the
	// same token.
	Token(name string, attempt int) string
}

// Entry is the record of one resource in a ledger.
type Entry struct {
	// Name is the name of the resource. Needs are the names of its dependencies.
	Name  string
	Needs []string
	// Token is the idempotency token of the create. Attempt counts the deliberate creates, from 1.
	Token   string
	Attempt int
	// Key is the natural key, or "" for a resource without one.
	Key string
	// ID and Attributes are the values that AWS reported.
	ID         string
	Attributes map[string]string
	// State is the state of the resource, Since the time at which it began.
	State State
	Since time.Time
	// IntendTime is the time of the intent of the current attempt. ReadyTime is the time at which
	// the resource first became ready.
	IntendTime time.Time
	ReadyTime  time.Time
	// UncertainTime is the time of the last create request without an answer. Until a
	// ConsistencyWindow later AWS may carry out that request, even if it answered a repeat.
	UncertainTime time.Time
	// Message says what the resource waits for. Fault is the last error.
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
