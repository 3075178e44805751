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

// minPatience is the time that every read waits for other reads of the same operation. The resources of one
// reconciliation, and the reconciliations that one event causes, read within a millisecond of one another; a call to
// AWS takes 20 to 100 ms. A poll of a slow change waits longer: see [callcontext.Call].
const minPatience = 5 * time.Millisecond

// SharedKey marks the span of a read that a call in another span answered.
const SharedKey = attribute.Key("aws.shared")

// Share adds to config that reads share calls: Describe calls of one operation become one call for all ids, and calls
// with equal input become one call. It inserts itself behind the middleware with the id after. tokenTag is the key of
// the tag with the token of a create: reads that filter by this tag are combined too.
//
// A read joins only a call that is not sent yet. So it observes at least what a call of its own would, including all
// earlier writes of this process. While a call is in progress, new reads collect for the next one. Each caller
// receives its own part of the answer, or the error that AWS would have returned to it alone. Callers must not modify
// what the answer points at. Mutating calls pass unchanged.
func Share(config *aws.Config, after, tokenTag string) {
	s := &sharing{operations: operationsOf(tokenTag), queues: make(map[string]*queue)}
	config.APIOptions = append(config.APIOptions, func(stack *middleware.Stack) error {
		return stack.Initialize.Insert(s.middleware(), after, middleware.After)
	})
}

// sharing holds the reads of one session that wait for one another.
type sharing struct {
	operations map[string]operation // by service and name

	mu     sync.Mutex
	queues map[string]*queue
}

// queue holds the reads that one call can answer.
type queue struct {
	open *batch        // takes more callers; nil if there is none
	last chan struct{} // closed when the newest batch is answered
}

// query is the request of one read.
type query struct {
	// key is equal for reads that one call can answer.
	key string
	// ids are the requested ids; one call takes at most max of them. Without ids, all reads with this key have equal
	// input.
	ids []string
	max int
}

// operation combines the reads of one operation of AWS.
type operation interface {
	// query returns the query of an input, or false if the read cannot be combined with others.
	query(in any) (query, bool)
	// merge returns an input that requests all ids in the same way as one, the input of one of the callers.
	merge(one any, ids []string) any
	// next returns the input for the page after out, or nil after the last page.
	next(in, out any) any
	// answer returns the output that in would have received alone.
	answer(in any, pages []any) (any, error)
}

// operationsOf returns the operations that take several ids, by service and name.
func operationsOf(tokenTag string) map[string]operation {
	operations := map[string]operation{"Elastic Load Balancing v2 DescribeTargetHealth": targetHealth{}}
	addEC2(operations, tokenTag)
	addLists(operations)
	return operations
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
		a := &caller{in: in.Parameters, next: next, done: make(chan struct{})}
		op := s.operations[name]
		q, ok := query{}, false
		if op != nil {
			q, ok = op.query(in.Parameters)
		}
		if !ok {
			text, err := json.Marshal(in.Parameters)
			if err != nil {
				return next.HandleInitialize(ctx, in)
			}
			op, q = nil, query{key: string(text)}
		}
		q.key = strings.Join([]string{awsmiddleware.GetRegion(ctx), name, q.key}, "\x00")
		a.ids = slices.Compact(slices.Sorted(slices.Values(q.ids)))
		b := s.join(ctx, op, q, a)
		select {
		case <-a.done:
			if a.panicText != "" {
				panic(a.panicText)
			}
			if a != b.callers[0] {
				// The span of the first caller contains the call itself.
				trace.SpanFromContext(ctx).SetAttributes(SharedKey.Bool(true))
			}
			return a.out, a.metadata, a.err
		case <-ctx.Done():
			s.leave(b)
			return middleware.InitializeOutput{}, middleware.Metadata{}, &aws.RequestCanceledError{Err: ctx.Err()}
		}
	})
}

// join adds a read to the open batch of its queue, or to a new batch.
func (s *sharing) join(ctx context.Context, op operation, q query, a *caller) *batch {
	s.mu.Lock()
	defer s.mu.Unlock()
	patience := max(minPatience, callcontext.From(ctx).Patience)
	l := s.queues[q.key]
	if l == nil {
		l = new(queue)
		s.queues[q.key] = l
	}
	b := l.open
	if b != nil && !b.fits(a) {
		b.close()
		b = nil
	}
	if b == nil {
		// The call serves all callers: it must not end with the context of the first one, nor count as a call for its
		// object.
		ctx, cancel := context.WithCancel(callcontext.Update(context.WithoutCancel(ctx), func(c *callcontext.Call) { c.Object = "" }))
		b = &batch{
			operation: op, max: q.max, ids: make(map[string]bool), queue: l, before: l.last,
			until: time.Now().Add(patience), timer: time.NewTimer(patience),
			full: make(chan struct{}), done: make(chan struct{}), ctx: ctx, cancel: cancel,
		}
		l.open, l.last = b, b.done
		go s.send(q.key, b)
	}
	if b.add(a, patience); op != nil && len(b.ids) == b.max {
		b.close()
	}
	return b
}

// leave removes a read that gives up. The last one cancels the call.
func (s *sharing) leave(b *batch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b.waiting--; b.waiting > 0 {
		return
	}
	if b.queue.open == b {
		b.queue.open = nil
	}
	b.cancel()
}

// send waits until the batch is due, runs its call, and answers its callers.
func (s *sharing) send(key string, b *batch) {
	defer b.cancel()
	b.gather()
	s.mu.Lock()
	if b.queue.open == b {
		b.queue.open = nil
	}
	callers := b.callers
	s.mu.Unlock()

	if len(callers) > 0 && b.ctx.Err() == nil {
		b.try(callers)
	}
	for _, a := range callers {
		close(a.done)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	close(b.done)
	if b.queue.last == b.done && s.queues[key] == b.queue {
		delete(s.queues, key)
	}
}

// copied returns a shallow copy of the struct that answer points at: the SDK writes metadata into every answer.
func copied(answer any) any {
	twin := reflect.New(reflect.TypeOf(answer).Elem())
	twin.Elem().Set(reflect.ValueOf(answer).Elem())
	return twin.Interface()
}
