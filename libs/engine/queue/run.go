package queue

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/skep-dev/skep/libs/engine/store"
)

// instrumentation is the name of the tracer and the meter.
const instrumentation = "skep/reconcile"

// Outcomes of a run, as metrics tell them.
const (
	settled    = "settled"
	failed     = "failed"
	conflicted = "conflicted"
	cancelled  = "cancelled"
)

// work runs keys until the queue is shut down and empty.
func (c *Controller) work() {
	for {
		key, shutdown := c.queue.Get()
		if shutdown {
			return
		}
		c.process(key)
		c.queue.Done(key)
	}
}

// process runs a key once and says when it is run again. A key of a shard that is
// no longer held is forgotten: its new holder has been offered it.
func (c *Controller) process(key string) {
	tenure := c.holder.enter(shardOf(key, c.o.Shards))
	if tenure == nil {
		c.queue.Forget(key)
		return
	}
	defer tenure.exit()
	switch again, outcome := c.run(tenure.ctx, key); outcome {
	case settled:
		c.queue.Forget(key)
		if again > 0 {
			c.queue.AddAfter(key, again)
		}
	case conflicted, failed:
		c.queue.AddRateLimited(key)
	case cancelled:
		c.queue.Forget(key)
	}
}

// traceLife is how long after a record was written a run still belongs to the
// trace of the write. What is done later, such as looking for drift, begins a
// trace of its own and is linked to it.
const traceLife = 5 * time.Minute

// run runs a key under a span of the trace that wrote its record, so that a trace
// leads from a request through NATS to the last call to AWS.
func (c *Controller) run(ctx context.Context, key string) (time.Duration, string) {
	options := []trace.SpanStartOption{trace.WithAttributes(attribute.String("skep.service", c.o.Service), attribute.String("skep.key", key))}
	if r, ok := c.o.Bucket.Get(key); ok && r.Trace.IsValid() {
		if time.Since(r.Time) < traceLife {
			ctx = trace.ContextWithRemoteSpanContext(ctx, r.Trace)
		} else {
			options = append(options, trace.WithLinks(trace.Link{SpanContext: r.Trace}))
		}
	}
	ctx, span := otel.Tracer(instrumentation).Start(ctx, "reconcile", options...)
	defer span.End()
	began := time.Now()
	again, err := c.call(ctx, key)
	outcome := settled
	switch {
	case ctx.Err() != nil:
		outcome = cancelled
	case errors.Is(err, store.ErrConflict):
		outcome = conflicted
	case err != nil:
		outcome = failed
		span.SetStatus(codes.Error, err.Error())
		c.o.Log.ErrorContext(ctx, "reconcile", "service", c.o.Service, "key", key, "failures", c.queue.NumRequeues(key)+1, "error", err)
	}
	span.SetAttributes(attribute.String("skep.outcome", outcome))
	c.metrics.ran(context.WithoutCancel(ctx), outcome, time.Since(began))
	return again, outcome
}

// call keeps a panic of one key from taking down the others.
func (c *Controller) call(ctx context.Context, key string) (again time.Duration, err error) {
	defer func() {
		if p := recover(); p != nil {
			c.o.Log.ErrorContext(ctx, "reconcile panicked", "service", c.o.Service, "key", key, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return c.o.Reconcile(ctx, key)
}
