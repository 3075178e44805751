package reconciler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/callcontext"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// reconciliation is one pass over one record.
type reconciliation[R object.Object] struct {
	*Reconciler[R]
	r      R
	before store.Record
	ledger *ledger

	mu       sync.Mutex
	declared []string
	report   graph.Report
	waiting  string
	trouble  *fault.Fault
	finished bool
}

// run takes the record one walk further, stores what came of that, and says when
// another pass is due.
func (p *reconciliation[R]) run(ctx context.Context) (time.Duration, error) {
	going, due := p.r.GetDeleteTime() != nil, p.resyncDue()
	ctx = callcontext.With(ctx, callcontext.Call{Object: p.r.GetName(), Priority: p.priority(going)})
	walk, err := p.open(ctx, due)
	if err != nil {
		return 0, err
	}
	var report graph.Report
	if going {
		report = p.finalize(ctx, walk)
	} else {
		walk.Missing = p.missing(ctx)
		report = p.ensure(ctx, walk)
	}
	if walk.Adopt && report.Settled() {
		p.Bucket.Adopt(p.before.Key)
	}
	p.finish(report, due)
	if err := p.ledger.Close(context.WithoutCancel(ctx)); err != nil {
		return 0, fmt.Errorf("store %s: %w", p.r.GetName(), err)
	}
	if going && report.Settled() && len(p.ledger.Entries()) == 0 {
		return 0, p.remove(ctx)
	}
	if err := fenced(report); err != nil {
		return 0, err
	}
	return p.requeueAfter(report), nil
}

// open gathers what a walk over the graph of the record needs.
func (p *reconciliation[R]) open(ctx context.Context, due bool) (graph.Walk, error) {
	kinds, err := p.Factories(ctx, p.r)
	if err != nil {
		return graph.Walk{}, fmt.Errorf("open %s: %w", p.r.GetName(), err)
	}
	recall := p.ledgerMayBeIncomplete()
	made, err := p.tokensByTag(ctx, recall)
	if err != nil {
		return graph.Walk{}, fmt.Errorf("recall %s: %w", p.r.GetName(), err)
	}
	walk := graph.Walk{
		Ledger: p.polls.ledgerOf(p.before.Key, p.ledger), Factories: kinds, KnownTokens: made,
		Resync: p.AlwaysObserve || due, Routine: !p.specChanged(), Adopt: recall,
		TimeScale: p.TimeScale, Latencies: &p.latencies,
	}
	if p.DeleteBlocker != nil {
		walk.DeleteBlocker = p.DeleteBlocker(p.r)
	}
	return walk, nil
}

// ensure builds the graph and walks it. What keeps the graph from being built is
// no failure of the pass: the conditions tell it.
func (p *reconciliation[R]) ensure(ctx context.Context, walk graph.Walk) graph.Report {
	g, err := p.Graph(ctx, p.r, p.ledger.record)
	if err != nil {
		return p.graphUnavailable(err)
	}
	p.mu.Lock()
	p.declared = g.Names()
	p.mu.Unlock()
	released := p.release(ctx, walk.Ledger)
	return append(g.Ensure(ctx, walk), released...)
}

// graphUnavailable reports why no graph could be built.
func (p *reconciliation[R]) graphUnavailable(err error) graph.Report {
	f := fault.Of(err)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting = err.Error()
	if f.RetryAfter > 0 {
		p.waiting = "waits for its turn to call AWS"
		return graph.Report{{Name: "graph", Outcome: graph.Waiting, Message: p.waiting, RequeueAfter: f.RetryAfter}}
	}
	step := graph.Step{Name: "graph", Outcome: graph.Waiting, Message: p.waiting}
	if f.Class != fault.Dependency {
		p.trouble = f
		step.RequeueAfter = retryInterval
		slog.Warn("cannot build", "resource", p.r.GetName(), "error", err)
	}
	return graph.Report{step}
}

// retryInterval is how long after a failed preparation another is made.
const retryInterval = 10 * time.Second

// finish keeps what the pass came to. What a survey could not look at, the graph
// looks at as soon as it can be, so that the survey is done all the same.
func (p *reconciliation[R]) finish(report graph.Report, surveyed bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.report, p.finished = report, true
	for _, step := range report {
		if step.Err != nil && !errors.Is(step.Err, store.ErrConflict) {
			slog.Warn("refused", "resource", p.r.GetName(), "step", step.Name, "error", step.Err)
		}
	}
	putOff := report.Settled() && report.RequeueAfter() > 0
	if surveyed && p.waiting == "" && !putOff {
		p.ledger.record.ResyncTime = timestamppb.Now()
	}
}

// remove removes the record of what is entirely gone.
func (p *reconciliation[R]) remove(ctx context.Context) error {
	p.forget(p.before.Key)
	if err := p.Bucket.Delete(ctx, p.before.Key, p.ledger.revision); err != nil {
		return fmt.Errorf("remove %s: %w", p.r.GetName(), err)
	}
	slog.Info("gone", "resource", p.r.GetName())
	return nil
}

// fenced returns the conflict that ended a pass, if one did.
func fenced(report graph.Report) error {
	for _, step := range report {
		if errors.Is(step.Err, store.ErrConflict) || errors.Is(step.Err, store.ErrUnavailable) {
			return step.Err
		}
	}
	return nil
}
