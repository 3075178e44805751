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

// maxWait bounds how long a batch waits for the answer of the previous batch of its queue, so that a hung call delays
// other callers by one second at most.
const maxWait = time.Second

// caller is one read that waits for its answer. The fields below done are valid once done is closed.
type caller struct {
	in   any
	ids  []string // the requested ids, sorted
	next middleware.InitializeHandler
	done chan struct{}

	out       middleware.InitializeOutput
	metadata  middleware.Metadata
	err       error
	panicText string
}

// batch is the reads that one call answers. The lock of the sharing protects it until send takes its callers.
type batch struct {
	operation operation // nil if all inputs are equal
	max       int
	ids       map[string]bool

	callers []*caller
	waiting int // the number of callers that have not given up

	queue  *queue
	before chan struct{} // closed when the previous batch is answered; nil if there is none
	until  time.Time     // when the least patient caller stops waiting for more callers
	timer  *time.Timer   // fires at until
	full   chan struct{} // closed when the batch takes no more callers
	done   chan struct{}
	ctx    context.Context // of the call; canceled when the last caller gives up
	cancel context.CancelFunc
}

// fits reports whether the batch has room for the ids of a caller.
func (b *batch) fits(a *caller) bool {
	more := 0
	for _, id := range a.ids {
		if !b.ids[id] {
			more++
		}
	}
	return b.operation == nil || len(b.ids)+more <= b.max
}

// add adds a caller that waits at most patience for more callers.
func (b *batch) add(a *caller, patience time.Duration) {
	if until := time.Now().Add(patience); until.Before(b.until) {
		b.until = until
		b.timer.Reset(patience)
	}
	for _, id := range a.ids {
		b.ids[id] = true
	}
	b.callers = append(b.callers, a)
	b.waiting++
}

// close stops adding callers to a full batch and starts its call at once.
func (b *batch) close() {
	b.queue.open = nil
	close(b.full)
}

// gather returns when the batch is due: it is full, or more callers had time to join and the previous call of the
// queue was answered.
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
	timer := time.NewTimer(maxWait)
	defer timer.Stop()
	select {
	case <-b.before:
	case <-timer.C:
	case <-b.full:
	case <-b.ctx.Done():
	}
}

// try runs the call and passes a panic of it on to every caller.
func (b *batch) try(callers []*caller) {
	defer func() {
		if r := recover(); r != nil {
			for _, a := range callers {
				a.panicText = fmt.Sprintf("%v\n%s", r, debug.Stack())
			}
		}
	}()
	b.call(callers)
}

// call answers the callers with one call to AWS. AWS may refuse the call because of the ids of one caller, so call
// repeats a refused call for each half of the callers.
func (b *batch) call(callers []*caller) {
	first := callers[0]
	all := idsOf(callers)
	if b.operation == nil || !slices.ContainsFunc(callers, func(a *caller) bool { return len(a.ids) < len(all) }) {
		out, metadata, err := first.next.HandleInitialize(b.ctx, middleware.InitializeInput{Parameters: first.in})
		for _, a := range callers {
			a.out, a.metadata, a.err = out, metadata, err
			if err == nil {
				a.out.Result = copied(out.Result)
			}
		}
		return
	}
	pages, metadata, err := b.pages(first, b.operation.merge(first.in, all))
	if errorclass.IsNotFound(err) || errorclass.Code(err) != "" && errorclass.Classify("", err).Class == fault.Configuration {
		half := len(callers) / 2
		b.call(callers[:half])
		b.call(callers[half:])
		return
	}
	for _, a := range callers {
		a.metadata, a.err = metadata, err
		if err == nil {
			a.out.Result, a.err = b.operation.answer(a.in, pages)
		}
	}
}

func idsOf(callers []*caller) []string {
	all := make(map[string]bool)
	for _, a := range callers {
		for _, id := range a.ids {
			all[id] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// pages reads all pages of an answer.
func (b *batch) pages(a *caller, in any) (pages []any, metadata middleware.Metadata, err error) {
	for in != nil {
		var out middleware.InitializeOutput
		out, metadata, err = a.next.HandleInitialize(b.ctx, middleware.InitializeInput{Parameters: in})
		if err != nil {
			return nil, metadata, err
		}
		pages = append(pages, out.Result)
		in = b.operation.next(in, out.Result)
	}
	return pages, metadata, nil
}
