// Package batch shares reads: one call to AWS answers many callers. Describe calls of one operation become one call
// for all ids, and calls with equal input become one call. Each caller receives the answer or the error that a call of
// its own would have received. Package session adds it to every configuration; no other package calls it.
package batch

import (
	"context"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/skep-dev/skep/libs/aws/ratelimit"
	"github.com/skep-dev/skep/libs/platform/callcontext"
)

// gather is how long a read waits at least for others that ask for the same kind of
// thing. The steps of a pass, and the passes that one event wakes, ask within a
// millisecond of one another; a call to AWS takes some 20 to 100 ms. A look at what
// takes its time waits for longer, see [callcontext.Call].
const gather = 5 * time.Millisecond

// SharedKey marks the span of a read that was answered by a call in another span.
const SharedKey = attribute.Key("aws.shared")

// Share makes reads that go through a configuration ask AWS together: Describe
// calls for the same kind of thing become one call for all the ids, and calls
// that ask the very same become one. Instrument comes before it.
//
// A read joins only a call that was not sent yet. So it never sees less than a
// call of its own would, and what this process wrote before is in the answer. While
// a call is under way, those that come gather for the next. Every caller gets its
// own part of the answer, or the error that AWS would have given to it alone;
// it may not change what the answer points at. What changes anything passes
// untouched.
func Share(config *aws.Config, after, tokenTag string) {
	s := &sharing{forms: formsOf(tokenTag), lines: make(map[string]*line)}
	config.APIOptions = append(config.APIOptions, func(stack *middleware.Stack) error {
		return stack.Initialize.Insert(s.middleware(), after, middleware.After)
	})
}

// sharing is the reads of one session that wait for one another.
type sharing struct {
	forms map[string]form // by service and operation

	mu    sync.Mutex
	lines map[string]*line
}

// line is where reads that can be asked together queue.
type line struct {
	gathering *batch        // takes more askers
	last      chan struct{} // ends with the batch that was sent last
}

// question is what a read asks.
type question struct {
	// line is the same for reads that can be asked together.
	line string
	// ids are what it asks for, at most so many at once. Without any, all that
	// stand in line ask the very same.
	ids  []string
	most int
}

// form is how reads of one operation are asked together.
type form interface {
	// question is what an input asks, or false if it cannot be asked with others.
	question(in any) (question, bool)
	// together is an input that asks for all of the ids, of the sort that one of
	// those who ask shows.
	together(one any, ids []string) any
	// next is the input for the page after out, or nil if it was the last.
	next(in, out any) any
	// part is what one input would have been answered.
	part(in any, pages []any) (any, error)
}

// formsOf returns the forms by service and operation; tokenTag is the key of the tag with the token of a create.
func formsOf(tokenTag string) map[string]form {
	forms := map[string]form{"Elastic Load Balancing v2 DescribeTargetHealth": targetHealth{}}
	addEC2(forms, tokenTag)
	addLists(forms)
	return forms
}

func (s *sharing) middleware() middleware.InitializeMiddleware {
	return middleware.InitializeMiddlewareFunc("SkepShare", func(
		ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
	) (middleware.InitializeOutput, middleware.Metadata, error) {
		operation := awsmiddleware.GetOperationName(ctx)
		if !ratelimit.Reads(operation) {
			return next.HandleInitialize(ctx, in)
		}
		name := awsmiddleware.GetServiceID(ctx) + " " + operation
		a := &asker{in: in.Parameters, next: next, done: make(chan struct{})}
		how := s.forms[name]
		q, ok := question{}, false
		if how != nil {
			q, ok = how.question(in.Parameters)
		}
		if !ok {
			text, err := json.Marshal(in.Parameters)
			if err != nil {
				return next.HandleInitialize(ctx, in)
			}
			how, q = nil, question{line: string(text)}
		}
		q.line = strings.Join([]string{awsmiddleware.GetRegion(ctx), name, q.line}, "\x00")
		a.ids = slices.Compact(slices.Sorted(slices.Values(q.ids)))
		b := s.join(ctx, how, q, a)
		select {
		case <-a.done:
			if a.panicked != "" {
				panic(a.panicked)
			}
			if a != b.askers[0] {
				// The call itself is in the span of the first.
				trace.SpanFromContext(ctx).SetAttributes(SharedKey.Bool(true))
			}
			return a.out, a.metadata, a.err
		case <-ctx.Done():
			s.leave(b)
			return middleware.InitializeOutput{}, middleware.Metadata{}, &aws.RequestCanceledError{Err: ctx.Err()}
		}
	})
}

// join puts a read into the batch that gathers in its line, or into a new one.
func (s *sharing) join(ctx context.Context, how form, q question, a *asker) *batch {
	s.mu.Lock()
	defer s.mu.Unlock()
	patience := max(gather, callcontext.From(ctx).Patience)
	l := s.lines[q.line]
	if l == nil {
		l = new(line)
		s.lines[q.line] = l
	}
	b := l.gathering
	if b != nil && !b.fits(a) {
		b.close()
		b = nil
	}
	if b == nil {
		// The call is for all who ask, and keeps no place for one of them.
		ctx, cancel := context.WithCancel(callcontext.Update(context.WithoutCancel(ctx), func(c *callcontext.Call) { c.Object = "" }))
		b = &batch{
			form: how, most: q.most, ids: make(map[string]bool), line: l, before: l.last,
			until: time.Now().Add(patience), timer: time.NewTimer(patience),
			full: make(chan struct{}), done: make(chan struct{}), ctx: ctx, cancel: cancel,
		}
		l.gathering, l.last = b, b.done
		go s.send(q.line, b)
	}
	if b.add(a, patience); how != nil && len(b.ids) == b.most {
		b.close()
	}
	return b
}

// leave is a read that gives up. A call that nobody waits for any more is given up.
func (s *sharing) leave(b *batch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b.waiting--; b.waiting > 0 {
		return
	}
	if b.line.gathering == b {
		b.line.gathering = nil
	}
	b.cancel()
}

// send asks AWS once everybody is there who comes soon enough.
func (s *sharing) send(key string, b *batch) {
	defer b.cancel()
	b.gather()
	s.mu.Lock()
	if b.line.gathering == b {
		b.line.gathering = nil
	}
	askers := b.askers
	s.mu.Unlock()

	if len(askers) > 0 && b.ctx.Err() == nil {
		b.try(askers)
	}
	for _, a := range askers {
		close(a.done)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	close(b.done)
	if b.line.last == b.done && s.lines[key] == b.line {
		delete(s.lines, key)
	}
}

// copied is a shallow copy of what a pointer points at: the SDK writes metadata
// into every answer.
func copied(answer any) any {
	twin := reflect.New(reflect.TypeOf(answer).Elem())
	twin.Elem().Set(reflect.ValueOf(answer).Elem())
	return twin.Interface()
}
