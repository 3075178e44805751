package graph

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// Ensure creates what is absent and repairs what drifted, needs first. Once all
// of that has settled it removes what the ledger remembers and the graph no
// longer declares.
func (g *Graph) Ensure(ctx context.Context, p Pass) Report {
	known := make(map[string]Entry)
	var retired []Entry
	for _, e := range p.Ledger.Entries() {
		known[e.Name] = e
		if g.names[e.Name] == nil {
			retired = append(retired, e)
		}
	}
	var steps []*step
	visitors := make(map[string]visitor, len(g.resources))
	for _, r := range g.resources {
		if awaited, ok := r.(*Awaited); ok {
			steps = append(steps, &step{Step: Step{Name: r.Name()}, visit: awaited.await})
			continue
		}
		e, ok := known[r.Name()]
		if !ok {
			e = Entry{Name: r.Name()}
		}
		e.Needs = made(r)
		r.node().entry = e
		v := visitor{Pass: p, resource: r}
		v.Survey = p.Survey || p.Suspects[r.Name()]
		visitors[r.Name()] = v
		steps = append(steps, &step{Step: Step{Name: r.Name()}, after: needs(r), takes: v.usual(birth), visit: v.ensure})
	}
	report := walk(ctx, steps)
	for _, step := range report {
		// What a survey did not reach is not known to be as declared: it is looked
		// at as soon as what blocks it has settled.
		if v, ok := visitors[step.Name]; ok && v.Survey && step.Outcome == Blocked && v.entry().State == Ready {
			v.note(Drifted)
		}
	}
	if len(retired) == 0 || !report.Settled() {
		return report
	}
	return append(report, p.remove(ctx, retired, false)...)
}

// visitor takes one resource one step further.
type visitor struct {
	Pass
	resource Resource
}

func (v visitor) entry() *Entry { return &v.resource.node().entry }

func (v visitor) ensure(ctx context.Context) Step {
	e := v.entry()
	switch {
	case e.State == Ready && e.Fault == nil && !v.Survey:
		return Step{Name: e.Name, Outcome: Unchanged}
	case e.State == Absent && v.Recall:
		return v.recall(ctx)
	case e.State == Absent:
		return v.create(ctx, e.Attempt+1)
	}
	if step, early := v.early(); early && !v.Survey {
		return step
	}
	switch {
	case e.State == Refused:
		return v.create(ctx, e.again())
	case e.State == Deleting && e.ID == "" && v.doubt() <= 0:
		return v.create(ctx, e.Attempt+1)
	}
	if v.unseen() && e.State == Pending && !v.Survey {
		v.note(Ready)
		return Step{Name: e.Name, Outcome: Changed}
	}
	return v.look(ctx)
}

// look observes the thing and takes it a step further from what is found.
func (v visitor) look(ctx context.Context) Step {
	e := v.entry()
	before := e.State
	if before == Pending && !v.Survey {
		ctx = v.patiently(ctx, birth)
	}
	state, err := v.resource.Observe(ctx)
	if err != nil {
		return v.failed("observe", err)
	}
	switch state {
	case Ready:
		return v.found(before)
	case Drifted:
		return v.update(ctx)
	case Absent:
		return v.recreate(ctx)
	default:
		if before != Pending {
			v.note(Pending)
		}
		return v.wait(v.progress(), birth)
	}
}

// found takes note of a thing that is as declared.
func (v visitor) found(before State) Step {
	if before == Pending || before == Intended {
		v.learn(birth)
	}
	v.note(Ready)
	if before == Ready {
		return Step{Name: v.entry().Name, Outcome: Unchanged}
	}
	return Step{Name: v.entry().Name, Outcome: Changed}
}

// recreate decides what it means that a thing which was asked for is not to be
// seen: it may only be late in showing.
func (v visitor) recreate(ctx context.Context) Step {
	e := v.entry()
	// What has a natural key may be asked for again, unless that was answered with
	// yes: then it is only late in showing.
	if _, keyed := v.resource.(Keyed); keyed && e.State != Pending {
		return v.create(ctx, e.Attempt+1)
	}
	if _, repeatable := v.resource.(Repeatable); repeatable && e.ID == "" && e.State != Deleting {
		return v.create(ctx, e.Attempt)
	}
	if e.State == Ready {
		*e = e.in(Drifted, time.Now())
	}
	if v.late() > 0 {
		if v.doubt() > 0 {
			// What comes of it may have another id.
			e.ID = e.Key
		}
		v.Ledger.Note(*e)
		return v.settle("was asked for and does not show yet")
	}
	return v.create(ctx, e.Attempt+1)
}

// create stores the intent and then asks for the thing.
func (v visitor) create(ctx context.Context, attempt int) Step {
	e, now := v.entry(), time.Now()
	if turn := v.Ledger.Turn(e.Name); turn != nil {
		// An intent of a call that is put off again would be written for nothing.
		if err := turn.Ask(); err != nil {
			return v.failed("create", err)
		}
	}
	// What was asked for before with this token may have been made.
	doubtful := attempt == e.Attempt && e.State == Intended
	switch {
	case attempt != e.Attempt || e.Token == "":
		*e = Entry{Name: e.Name, Needs: e.Needs, Attempt: attempt, Token: v.Ledger.Token(e.Name, attempt), IntendTime: now, DoubtTime: e.asked()}
	case e.State == Intended:
		e.DoubtTime = now
	default:
		e.IntendTime = now
	}
	if keyed, ok := v.resource.(Keyed); ok {
		e.Key = keyed.Key()
		e.ID = e.Key
	}
	*e = e.in(Intended, now)
	if err := v.Ledger.Intend(ctx, *e); err != nil {
		return Step{Name: e.Name, Outcome: Failed, Err: fmt.Errorf("store intent: %w", err)}
	}
	state, err := v.resource.Create(v.caused(ctx))
	if err != nil {
		switch {
		case !refused(err):
			e.DoubtTime = time.Now()
		case !doubtful:
			*e = e.in(Refused, time.Now())
		}
		return v.failed("create", err)
	}
	v.note(state)
	if state == Ready {
		return Step{Name: e.Name, Outcome: Changed}
	}
	return v.asked("is being created", birth)
}

func (v visitor) update(ctx context.Context) Step {
	e := v.entry()
	updater, ok := v.resource.(Updater)
	if !ok {
		return v.failed("update", Fixed())
	}
	if err := updater.Update(v.caused(ctx)); err != nil {
		return v.failed("update", err)
	}
	if v.usual(birth) > 0 {
		// What takes its time to be made may take it to be changed: it is ready when
		// it is seen to be.
		v.note(Pending)
		return v.again(v.progress(), glance)
	}
	v.note(Ready)
	return Step{Name: e.Name, Outcome: Changed}
}

func (v visitor) note(state State) {
	e := v.entry()
	v.Ledger.SetLook(e.Name, time.Time{})
	*e = e.in(state, time.Now())
	v.Ledger.Note(*e)
}

func (v visitor) failed(verb string, err error) Step {
	e := v.entry()
	if f := fault.Of(err); ahead(f) {
		return v.putOff(verb, f)
	}
	e.Fault = fault.Of(err)
	e.Message = err.Error()
	if e.State != Absent {
		v.Ledger.Note(*e)
	}
	again := patience
	if e.Fault.Class.Actor() == fault.Nobody {
		again = intervalMost
	}
	v.Ledger.SetLook(e.Name, time.Now().Add(v.pace(again)))
	return Step{Name: e.Name, Outcome: Failed, Message: e.Message, Err: fmt.Errorf("%s: %w", verb, err), Again: v.pace(again)}
}

// refused reports whether the cloud certainly did not do what it was asked.
func refused(err error) bool {
	f := (*fault.Fault)(nil)
	return errors.As(err, &f) && f.AWSCode != "" && !f.InDoubt
}
