package graph

import (
	"context"
	"time"
)

// change is what a slow thing is on its way to.
type change string

// The changes that take time.
const (
	birth change = "ready"
	death change = "gone"
)

// usual is how long the change usually takes.
func (v visitor) usual(c change) time.Duration {
	slow, ok := v.resource.(Slow)
	switch {
	case !ok:
		return 0
	case c == death:
		return slow.Usual().Gone
	}
	return slow.Usual().Ready
}

// unseen reports that no look tells when the thing is ready for use.
func (v visitor) unseen() bool {
	slow, ok := v.resource.(Slow)
	return ok && slow.Usual().Unseen
}

// since is when the change began.
func (v visitor) since(c change) time.Time {
	if c == death || v.changing() {
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
func (v visitor) age(c change) time.Duration {
	return v.lived(time.Since(v.since(c)))
}

// lived is how long a time of the wall clock is for the cloud.
func (v visitor) lived(d time.Duration) time.Duration {
	return time.Duration(float64(d) / float64(v.pace(time.Second)) * float64(time.Second))
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
func (v visitor) patience(c change) time.Duration {
	return min(v.usual(c)/companyPart, companyMost)
}

// patiently is the context of a look at the change.
func (v visitor) patiently(ctx context.Context, c change) context.Context {
	return WithPatience(ctx, v.pace(v.patience(c)))
}

// soon is how much before its time a thing may be looked at, so that one pass looks
// at all that were asked for together.
func (v visitor) soon() time.Duration {
	switch e := v.entry(); {
	case e.Fault != nil || v.unseen():
		return 0
	case e.State == Pending:
		return v.pace(v.patience(birth))
	case e.State == Deleting:
		return v.pace(v.patience(death))
	}
	return 0
}

// key is what is learned about: one kind of thing and one change.
func (v visitor) key(c change) string { return KindOf(v.entry().Name) + " " + string(c) }

// learn takes note of how long the change took.
func (v visitor) learn(c change) {
	if v.usual(c) > 0 && !v.changing() {
		v.Latencies.saw(v.key(c), v.age(c))
	}
}

// asked plans the first look at a change that was just asked for.
func (v visitor) asked(message string, c change) Step {
	if c == birth && v.unseen() {
		return v.again(message, v.usual(birth))
	}
	return v.again(message, v.Latencies.first(v.key(c), v.usual(c)))
}

// wait plans the next look at a change that was looked at in vain.
func (v visitor) wait(message string, c change) Step {
	age := v.age(c)
	return v.again(message, v.Latencies.next(v.key(c), v.usual(c), age)-age)
}

// settle plans the next look for a thing whose create was not answered, with
// growing intervals, as AWS advises for what is eventually consistent.
func (v visitor) settle(message string) Step {
	return v.again(message, min(max(v.age(birth)/4, time.Second), settleInterval))
}

// settleInterval is the longest interval of looking for what does not show.
const settleInterval = 20 * time.Second

// again lets the step wait that long, in the time of the cloud.
func (v visitor) again(message string, d time.Duration) Step {
	d = v.pace(d)
	v.Ledger.SetLook(v.entry().Name, time.Now().Add(d))
	return Step{Name: v.entry().Name, Outcome: Waiting, Message: message, Again: d}
}

// early reports that it is too early for the look that is planned.
func (v visitor) early() (Step, bool) {
	e := v.entry()
	wait := time.Until(v.Ledger.Look(e.Name))
	if wait <= v.soon() {
		return Step{}, false
	}
	message := v.progress()
	if e.Message != "" && e.Fault == nil {
		message = e.Message
	}
	return Step{Name: e.Name, Outcome: Waiting, Message: message, Again: wait}, true
}
