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

// The outcomes of a run in metrics and spans.
const (
	settled    = "settled"
	failed     = "failed"
	conflicted = "conflicted"
	canceled   = "canceled"
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

// process runs a key once and schedules its next run. It drops a key whose shard this replica no
// longer holds: the new holder queues all keys of the shard.
func (c *Controller) process(key string) {
	lease := c.holder.enter(shardOf(key, c.o.Shards))
	if lease == nil {
		c.queue.Forget(key)
		return
	}
	defer lease.exit()
	switch requeueAfter, outcome := c.run(lease.ctx, key); outcome {
	case settled:
		c.queue.Forget(key)
		if requeueAfter > 0 {
			c.queue.AddAfter(key, requeueAfter)
		}
	case conflicted, failed:
		c.queue.AddRateLimited(key)
	case canceled:
		c.queue.Forget(key)
	}
}

// traceLife is the age of a record up to which a run belongs to the trace of its write. A later
// run, such as a resync, begins its own trace with a link to that one.
const traceLife = 5 * time.Minute

// run runs a key in a span of the trace that wrote its record, so that one trace leads from a
// request through NATS to the last AWS call.
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
	requeueAfter, err := c.call(ctx, key)
	outcome := settled
	switch {
	case ctx.Err() != nil:
		outcome = canceled
	case errors.Is(err, store.ErrConflict):
		outcome = conflicted
	case err != nil:
		outcome = failed
		span.SetStatus(codes.Error, err.Error())
		c.o.Log.ErrorContext(ctx, "reconcile", "service", c.o.Service, "key", key, "failures", c.queue.NumRequeues(key)+1, "error", err)
	}
	span.SetAttributes(attribute.String("skep.outcome", outcome))
	c.metrics.ran(context.WithoutCancel(ctx), outcome, time.Since(began))
	return requeueAfter, outcome
}

// call turns a panic into an error, so that one key does not stop the others.
func (c *Controller) call(ctx context.Context, key string) (requeueAfter time.Duration, err error) {
	defer func() {
		if p := recover(); p != nil {
			c.o.Log.ErrorContext(ctx, "reconcile panicked", "service", c.o.Service, "key", key, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return c.o.Reconcile(ctx, key)
}
