package graph

import (
	"context"
	"time"

	"github.com/skep-dev/skep/libs/platform/callcontext"
)

// transition is the pending change of an asynchronous resource.
type transition string

// The transitions that take time.
const (
	toReady   transition = "ready"
	toDeleted transition = "deleted"
)

// expectedLatency returns the usual duration of the change.
func (v visitor) expectedLatency(c transition) time.Duration {
	slow, ok := v.resource.(Asynchronous)
	switch {
	case !ok:
		return 0
	case c == toDeleted:
		return slow.ExpectedLatency().Deleted
	}
	return slow.ExpectedLatency().Ready
}

// unobservable reports whether AWS shows no state from which readiness can be read.
func (v visitor) unobservable() bool {
	slow, ok := v.resource.(Asynchronous)
	return ok && slow.ExpectedLatency().Unobservable
}

// since returns the time at which the change began.
func (v visitor) since(c transition) time.Time {
	if c == toDeleted || v.changing() {
		return v.entry().Since
	}
	return v.entry().IntendTime
}

// changing reports whether the resource was ready before and is pending again after an update.
func (v visitor) changing() bool {
	return v.entry().State == Pending && !v.entry().ReadyTime.IsZero()
}

// progress describes the change that is pending.
func (v visitor) progress() string {
	switch {
	case v.entry().State == Deleting:
		return "is being deleted"
	case v.changing():
		return "is being changed"
	}
	return "is being created"
}

// age returns the time since the change began, in the time of AWS.
func (v visitor) age(c transition) time.Duration {
	return v.awsTime(time.Since(v.since(c)))
}

// awsTime converts a duration of the wall clock to the time of AWS.
func (v visitor) awsTime(d time.Duration) time.Duration {
	return time.Duration(float64(d) / float64(v.wallTime(time.Second)) * float64(time.Second))
}

// A poll of an asynchronous resource waits for other polls to share its call: for a fiftieth of
// the expected duration, which delays the result hardly, and at most maxSharingDelay. So resources
// that were requested together are polled together, also those of other reconciliations.
const (
	sharingFraction = 50
	maxSharingDelay = 100 * time.Millisecond
)

// patience returns how long a poll of the change may wait to share a call with others, in the time
// of AWS.
func (v visitor) patience(c transition) time.Duration {
	return min(v.expectedLatency(c)/sharingFraction, maxSharingDelay)
}

// patiently returns the context of a poll of the change.
func (v visitor) patiently(ctx context.Context, c transition) context.Context {
	return callcontext.Update(ctx, func(call *callcontext.Call) { call.Patience = v.wallTime(v.patience(c)) })
}

// tolerance returns how much earlier than scheduled a resource may be polled, so that one walk
// polls all resources that were requested together.
func (v visitor) tolerance() time.Duration {
	switch e := v.entry(); {
	case e.Fault != nil || v.unobservable():
		return 0
	case e.State == Pending:
		return v.wallTime(v.patience(toReady))
	case e.State == Deleting:
		return v.wallTime(v.patience(toDeleted))
	}
	return 0
}

// key identifies a learned latency: one resource type and one change.
func (v visitor) key(c transition) string { return TypeOf(v.entry().Name) + " " + string(c) }

// learn records the duration of the change.
func (v visitor) learn(c transition) {
	if v.expectedLatency(c) > 0 && !v.changing() {
		v.Latencies.learn(v.key(c), v.age(c))
	}
}

// pollFirst schedules the first poll of a change that was just requested.
func (v visitor) pollFirst(message string, c transition) Step {
	if c == toReady && v.unobservable() {
		return v.requeue(message, v.expectedLatency(toReady))
	}
	return v.requeue(message, v.Latencies.first(v.key(c), v.expectedLatency(c)))
}

// pollNext schedules the next poll of a change that is still pending.
func (v visitor) pollNext(message string, c transition) Step {
	age := v.age(c)
	return v.requeue(message, v.Latencies.next(v.key(c), v.expectedLatency(c), age)-age)
}

// pollForAppearance schedules the next poll for a resource whose create was not answered, at
// growing intervals, as AWS advises for eventual consistency.
func (v visitor) pollForAppearance(message string) Step {
	return v.requeue(message, min(max(v.age(toReady)/4, time.Second), appearanceInterval))
}

// appearanceInterval is the longest interval between polls for a resource that AWS does not show.
const appearanceInterval = 20 * time.Second

// requeue makes the step wait for d, in the time of AWS.
func (v visitor) requeue(message string, d time.Duration) Step {
	d = v.wallTime(d)
	v.Ledger.SetNextPoll(v.entry().Name, time.Now().Add(d))
	return Step{Name: v.entry().Name, Outcome: Waiting, Message: message, RequeueAfter: d}
}

// tooEarly reports whether the scheduled poll is not due yet, and returns the step that waits for
// it.
func (v visitor) tooEarly() (Step, bool) {
	e := v.entry()
	wait := time.Until(v.Ledger.NextPoll(e.Name))
	if wait <= v.tolerance() {
		return Step{}, false
	}
	message := v.progress()
	if e.Message != "" && e.Fault == nil {
		message = e.Message
	}
	return Step{Name: e.Name, Outcome: Waiting, Message: message, RequeueAfter: wait}, true
}
