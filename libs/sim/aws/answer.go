package aws

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// answer is the way of one request: who calls, is there budget, half of the time, the effect, the other half. Time is
// split so that a caller who gives up may have been too early or too late, as with AWS.
func (w *World) answer(ctx context.Context, service, operation, authorization string, in any) (any, string, error) {
	h := handlerOf(service, operation)
	h.guard(in)
	c, faults, err := w.arrive(service, operation, authorization, in)
	var out any
	if err == nil {
		out, err = w.proceed(ctx, c, h, faults, in)
	}
	err = dress(err, c.requestID)
	w.leave(c, err)
	return out, c.requestID, err
}

// arrive notes a request and decides whether it is let in.
func (w *World) arrive(service, operation, authorization string, in any) (*call, Faults, error) {
	w.enter()
	defer w.mu.Unlock()
	w.requests++
	c := &call{w: w, requestID: w.uuid("request", w.requests).String()}
	var err error
	c.Account, c.Region, c.Principal, err = w.identify(authorization)
	c.Service, c.Operation, c.Mutating, c.At, c.Input = service, operation, mutating(operation), w.now(), in
	noted := c.Call
	w.record.add(&noted)
	c.N, c.noted = noted.N, &noted
	if err != nil {
		return c, w.faults, keyRefusal(service, err)
	}
	if err := w.budgets.spend(c, in); err != nil {
		w.record.throttles[operation]++
		return c, w.faults, err
	}
	return c, w.faults, nil
}

// proceed takes the time of a call and lets it act, unless a fault or the caller's context prevents one or the other.
func (w *World) proceed(ctx context.Context, c *call, h handler, faults Faults, in any) (any, error) {
	took := w.latency(callLatency(c.Operation, c.Mutating), fmt.Sprint(c.Operation, c.N))
	if faults.Late != nil {
		if delay := faults.Late(c.Call); delay > 0 {
			w.postpone(c, h, in, delay)
			return nil, &aws.RequestCanceledError{Err: context.DeadlineExceeded}
		}
	}
	if err := sleep(ctx, took/2); err != nil {
		return nil, err
	}
	if faults.Before != nil {
		if err := faults.Before(c.Call); err != nil {
			return nil, err
		}
	}
	out, err := w.act(c, h, in)
	if lost := sleep(ctx, took-took/2); lost != nil {
		return nil, lost
	}
	if faults.After != nil {
		if lost := faults.After(c.Call); lost != nil {
			return nil, lost
		}
	}
	return out, err
}

// act lets a call take effect, and does not return before the effect is in the journal.
func (w *World) act(c *call, h handler, in any) (any, error) {
	w.enter()
	defer w.mu.Unlock()
	return w.actLocked(c, h, in)
}

func (w *World) actLocked(c *call, h handler, in any) (any, error) {
	out, err := h.act(c, in)
	if w.journal != nil {
		if err := w.journal.append(c.changes); err != nil {
			return nil, refuse("InternalError", "write journal: %v", err)
		}
	}
	return out, err
}

// postpone lets a call act when the delay is over. What it will answer nobody hears.
func (w *World) postpone(c *call, h handler, in any, delay time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.late = append(w.late, effect{at: w.now().Add(delay), act: func() { _, _ = w.actLocked(c, h, in) }})
	slices.SortStableFunc(w.late, func(a, b effect) int { return a.at.Compare(b.at) })
}

// leave notes how a request was answered.
func (w *World) leave(c *call, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c.noted.Code = code(err)
}

// sleep lets time pass, or ends early with what the SDK says of a request whose context ended.
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
