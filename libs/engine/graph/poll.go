package graph

import (
	"context"
	"time"

	"github.com/skep-dev/skep/libs/platform/callcontext"
)

// transition is what a slow thing is on its way to.
type transition string

// The changes that take time.
const (
	toReady   transition = "ready"
	toDeleted transition = "gone"
)

// expectedLatency is how long the change usually takes.
func (v visitor) expectedLatency(c transition) time.Duration {
	slow, ok := v.resource.(Asynchronous)
	switch {
	case !ok:
		return 0
	case c == toDeleted:
		return slow.ExpectedLatency().Gone
	}
	return slow.ExpectedLatency().Ready
}

// unobservable reports that no look tells when the thing is ready for use.
func (v visitor) unobservable() bool {
	slow, ok := v.resource.(Asynchronous)
	return ok && slow.ExpectedLatency().Unobservable
}

// since is when the change began.
func (v visitor) since(c transition) time.Time {
	if c == toDeleted || v.changing() {
		return v.entry().Since
	}
	return v.entry().IntendTime
}

// changing reports whether the thing was ready once and is on its way to be so again.
func (v visitor) changing() bool {
	return v.entry().State == Pending && !v.entry().ReadyTime.IsZero()
}

// progress says in words what is waited for.
func (v visitor) progress() string {
	switch {
	case v.entry().State == Deleting:
		return "is being deleted"
	case v.changing():
		return "is being changed"
	}
	return "is being created"
}

// age is how long ago the change began, in the time of the cloud.
func (v visitor) age(c transition) time.Duration {
	return v.awsTime(time.Since(v.since(c)))
}

// awsTime is how long a time of the wall clock is for the cloud.
func (v visitor) awsTime(d time.Duration) time.Duration {
	return time.Duration(float64(d) / float64(v.wallTime(time.Second)) * float64(time.Second))
}

// Looks at things that take their time wait for company: a fiftieth of that time,
// which nobody notices, and at most this. So things that were asked for together are
// looked at together, also those of other passes.
const (
	companyPart = 50
	companyMost = 100 * time.Millisecond
)

// patience is how long a look at the change may wait for others, in the time of
// the cloud.
func (v visitor) patience(c transition) time.Duration {
	return min(v.expectedLatency(c)/companyPart, companyMost)
}

// patiently is the context of a look at the change.
func (v visitor) patiently(ctx context.Context, c transition) context.Context {
	return callcontext.Update(ctx, func(call *callcontext.Call) { call.Patience = v.wallTime(v.patience(c)) })
}

// tolerance is how much before its time a thing may be looked at, so that one pass looks
// at all that were asked for together.
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

// key is what is learned about: one kind of thing and one change.
func (v visitor) key(c transition) string { return TypeOf(v.entry().Name) + " " + string(c) }

// learn takes note of how long the change took.
func (v visitor) learn(c transition) {
	if v.expectedLatency(c) > 0 && !v.changing() {
		v.Latencies.learn(v.key(c), v.age(c))
	}
}

// pollFirst plans the first look at a change that was just asked for.
func (v visitor) pollFirst(message string, c transition) Step {
	if c == toReady && v.unobservable() {
		return v.requeue(message, v.expectedLatency(toReady))
	}
	return v.requeue(message, v.Latencies.first(v.key(c), v.expectedLatency(c)))
}

// pollNext plans the next look at a change that was looked at in vain.
func (v visitor) pollNext(message string, c transition) Step {
	age := v.age(c)
	return v.requeue(message, v.Latencies.next(v.key(c), v.expectedLatency(c), age)-age)
}

// pollForAppearance plans the next look for a thing whose create was not answered, with
// growing intervals, as AWS advises for what is eventually consistent.
func (v visitor) pollForAppearance(message string) Step {
	return v.requeue(message, min(max(v.age(toReady)/4, time.Second), appearanceInterval))
}

// appearanceInterval is the longest interval of looking for what does not show.
const appearanceInterval = 20 * time.Second

// requeue lets the step wait that long, in the time of the cloud.
func (v visitor) requeue(message string, d time.Duration) Step {
	d = v.wallTime(d)
	v.Ledger.SetNextPoll(v.entry().Name, time.Now().Add(d))
	return Step{Name: v.entry().Name, Outcome: Waiting, Message: message, RequeueAfter: d}
}

// tooEarly reports that it is too early for the look that is planned.
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
