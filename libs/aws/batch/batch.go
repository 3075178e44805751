package batch

import (
	"context"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"time"

	"github.com/aws/smithy-go/middleware"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// hold is how long a batch lets the one before it be answered. A call that hangs
// holds up nobody for longer.
const hold = time.Second

// asker is one read on its way, and how it was answered once done is closed.
type asker struct {
	in   any
	ids  []string // that it asks for, in order
	next middleware.InitializeHandler
	done chan struct{}

	out      middleware.InitializeOutput
	metadata middleware.Metadata
	err      error
	panicked string
}

// batch is reads that are asked together. Until it is sent, it belongs to the
// lock of its sharing.
type batch struct {
	form form // nil if all ask the very same
	most int
	ids  map[string]bool

	askers  []*asker
	waiting int // how many of them have not given up

	line   *line
	before chan struct{} // ends with the batch before it; nil if there is none
	until  time.Time     // that the least patient of them waits for others
	timer  *time.Timer   // ends then
	full   chan struct{}
	done   chan struct{}
	ctx    context.Context // of the call: it ends when nobody waits any more
	cancel context.CancelFunc
}

// fits reports whether there is room for what a read asks.
func (b *batch) fits(a *asker) bool {
	more := 0
	for _, id := range a.ids {
		if !b.ids[id] {
			more++
		}
	}
	return b.form == nil || len(b.ids)+more <= b.most
}

// add lets a read join that waits so long for others.
func (b *batch) add(a *asker, patience time.Duration) {
	if until := time.Now().Add(patience); until.Before(b.until) {
		b.until = until
		b.timer.Reset(patience)
	}
	for _, id := range a.ids {
		b.ids[id] = true
	}
	b.askers = append(b.askers, a)
	b.waiting++
}

// close ends the gathering of a batch that is full: it waits for nobody.
func (b *batch) close() {
	b.line.gathering = nil
	close(b.full)
}

// gather returns when the batch is to be sent: when it is full, or when others had
// time to join and the call before it was answered.
func (b *batch) gather() {
	defer b.timer.Stop()
	select {
	case <-b.timer.C:
	case <-b.full:
		return
	case <-b.ctx.Done():
		return
	}
	if b.before == nil {
		return
	}
	timer := time.NewTimer(hold)
	defer timer.Stop()
	select {
	case <-b.before:
	case <-timer.C:
	case <-b.full:
	case <-b.ctx.Done():
	}
}

// try asks, and carries a panic of the call over to all who asked.
func (b *batch) try(askers []*asker) {
	defer func() {
		if r := recover(); r != nil {
			for _, a := range askers {
				a.panicked = fmt.Sprintf("%v\n%s", r, debug.Stack())
			}
		}
	}()
	b.ask(askers)
}

// ask asks for all of the askers at once. If AWS refuses what is asked, it may be
// for one of them only, and it is asked for each half.
func (b *batch) ask(askers []*asker) {
	first := askers[0]
	all := idsOf(askers)
	if b.form == nil || !slices.ContainsFunc(askers, func(a *asker) bool { return len(a.ids) < len(all) }) {
		out, metadata, err := first.next.HandleInitialize(b.ctx, middleware.InitializeInput{Parameters: first.in})
		for _, a := range askers {
			a.out, a.metadata, a.err = out, metadata, err
			if err == nil {
				a.out.Result = copied(out.Result)
			}
		}
		return
	}
	pages, metadata, err := b.pages(first, b.form.together(first.in, all))
	if errorclass.IsNotFound(err) || errorclass.Code(err) != "" && errorclass.Classify("", err).Class == fault.Configuration {
		half := len(askers) / 2
		b.ask(askers[:half])
		b.ask(askers[half:])
		return
	}
	for _, a := range askers {
		a.metadata, a.err = metadata, err
		if err == nil {
			a.out.Result, a.err = b.form.part(a.in, pages)
		}
	}
}

// idsOf is what all of the askers ask for.
func idsOf(askers []*asker) []string {
	all := make(map[string]bool)
	for _, a := range askers {
		for _, id := range a.ids {
			all[id] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// pages are all pages of an answer.
func (b *batch) pages(a *asker, in any) (pages []any, metadata middleware.Metadata, err error) {
	for in != nil {
		var out middleware.InitializeOutput
		out, metadata, err = a.next.HandleInitialize(b.ctx, middleware.InitializeInput{Parameters: in})
		if err != nil {
			return nil, metadata, err
		}
		pages = append(pages, out.Result)
		in = b.form.next(in, out.Result)
	}
	return pages, metadata, nil
}
