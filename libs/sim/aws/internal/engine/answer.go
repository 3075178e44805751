package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/skep-dev/skep/libs/aws/latency"
)

// answer answers one request: it identifies the caller, draws on the API limits, waits for half of the latency, runs
// the handler and waits for the other half. The time is split because a caller that gives up must not know whether the
// call took effect, as with AWS.
func (e *Engine) answer(ctx context.Context, service, operation, authorization string, in any) (any, string, error) {
	h := e.catalog.handler(service, operation)
	h.guard(in)
	c, faults, err := e.arrive(service, operation, authorization, in)
	var out any
	if err == nil {
		out, err = e.proceed(ctx, c, h, faults, in)
	}
	err = overHTTP(err, c.requestID)
	e.leave(c, err)
	return out, c.requestID, err
}

// arrive records a request and decides whether to admit it.
func (e *Engine) arrive(service, operation, authorization string, in any) (*Call, Faults, error) {
	e.lock()
	defer e.mu.Unlock()
	e.requests++
	c := &Call{engine: e, requestID: e.uuid("request", e.requests).String()}
	var err error
	c.Account, c.Region, c.Principal, err = e.identify(authorization)
	c.Service, c.Operation, c.Mutating, c.At, c.Input = service, operation, Mutating(operation), e.now(), in
	recorded := c.Record
	e.history.add(&recorded)
	c.N, c.recorded = recorded.N, &recorded
	s := e.catalog.services[service]
	if err != nil {
		return c, e.faults, s.keyError(err)
	}
	if !e.spend(s, c, in) {
		e.history.throttles[operation]++
		return c, e.faults, s.throttled()
	}
	return c, e.faults, nil
}

// proceed takes the time of a call and runs its handler, unless a fault or the context of the caller prevents it.
func (e *Engine) proceed(ctx context.Context, c *Call, h handler, faults Faults, in any) (any, error) {
	took := e.latency(latency.Call(c.Operation), fmt.Sprint(c.Operation, c.N))
	if faults.Late != nil {
		if delay := faults.Late(c.Record); delay > 0 {
			e.postpone(c, h, in, delay)
			return nil, &aws.RequestCanceledError{Err: context.DeadlineExceeded}
		}
	}
	if err := sleep(ctx, took/2); err != nil {
		return nil, err
	}
	if faults.Before != nil {
		if err := faults.Before(c.Record); err != nil {
			return nil, err
		}
	}
	out, err := e.act(c, h, in)
	if lost := sleep(ctx, took-took/2); lost != nil {
		return nil, lost
	}
	if faults.After != nil {
		if lost := faults.After(c.Record); lost != nil {
			return nil, lost
		}
	}
	return out, err
}

// Latency returns the unscaled median latency of an operation of the catalog, or of a state that the latency table
// lists. It panics on any other name.
func (k *Catalog) Latency(name string) time.Duration {
	if k.Simulates(name) {
		return latency.Of(latency.Call(name))
	}
	return latency.Of(latency.Name(name))
}

// act runs a handler. When it returns, the effect is in the journal.
func (e *Engine) act(c *Call, h handler, in any) (any, error) {
	e.lock()
	defer e.mu.Unlock()
	return e.actLocked(c, h, in)
}

func (e *Engine) actLocked(c *Call, h handler, in any) (any, error) {
	out, err := h.act(c, in)
	if e.journal != nil {
		if err := e.journal.append(c.changes); err != nil {
			return nil, Refuse("InternalError", "write journal: %v", err)
		}
	}
	return out, err
}

// postpone runs a handler after a delay, and discards its answer.
func (e *Engine) postpone(c *Call, h handler, in any, delay time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.schedule(e.now().Add(delay), func() { _, _ = e.actLocked(c, h, in) })
}

// leave records the error code of an answer.
func (e *Engine) leave(c *Call, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	c.recorded.Code = Code(err)
}

// sleep waits, or returns the SDK's error for a canceled request when the context ends first.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return &aws.RequestCanceledError{Err: ctx.Err()}
	}
}
