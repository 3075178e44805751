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

// reconciliation is one run of the Reconciler over one record.
type reconciliation[R object.Object] struct {
	*Reconciler[R]
	obj    R
	before store.Record
	ledger *ledger

	mu         sync.Mutex
	desired    []string     // names of the resources of the graph
	report     graph.Report // valid once finished
	waiting    string       // why there is no graph, or ""
	graphFault *fault.Fault // why the graph could not be built, unless it only waits
	finished   bool
}

// run walks the graph or the ledger of the record once, stores the result, and returns the
// delay until the next reconciliation.
func (r *reconciliation[R]) run(ctx context.Context) (time.Duration, error) {
	deleting, due := r.obj.GetDeleteTime() != nil, r.resyncDue()
	ctx = callcontext.With(ctx, callcontext.Call{Object: r.obj.GetName(), Priority: r.priority(deleting)})
	walk, err := r.open(ctx, due)
	if err != nil {
		return 0, err
	}
	var report graph.Report
	if deleting {
		report = r.finalize(ctx, walk)
	} else {
		walk.Missing = r.missing(ctx)
		report = r.ensure(ctx, walk)
	}
	if walk.Adopt && report.Settled() {
		r.Bucket.Adopt(r.before.Key)
	}
	r.finish(report, due)
	if err := r.ledger.Close(context.WithoutCancel(ctx)); err != nil {
		return 0, fmt.Errorf("store %s: %w", r.obj.GetName(), err)
	}
	if deleting && report.Settled() && len(r.ledger.Entries()) == 0 {
		return 0, r.remove(ctx)
	}
	if err := fenced(report); err != nil {
		return 0, err
	}
	return r.requeueAfter(report), nil
}

// open returns the walk over the resources of the record.
func (r *reconciliation[R]) open(ctx context.Context, due bool) (graph.Walk, error) {
	factories, err := r.Factories(ctx, r.obj)
	if err != nil {
		return graph.Walk{}, fmt.Errorf("open %s: %w", r.obj.GetName(), err)
	}
	adopt := r.ledgerMayBeIncomplete()
	tokens, err := r.tokensByTag(ctx, adopt)
	if err != nil {
		return graph.Walk{}, fmt.Errorf("find the resources of %s by tag: %w", r.obj.GetName(), err)
	}
	walk := graph.Walk{
		Ledger: r.polls.ledgerOf(r.before.Key, r.ledger), Factories: factories, KnownTokens: tokens,
		Resync: r.AlwaysObserve || due, Routine: !r.specChanged(), Adopt: adopt,
		TimeScale: r.TimeScale, Latencies: &r.latencies,
	}
	if r.DeleteBlocker != nil {
		walk.DeleteBlocker = r.DeleteBlocker(r.obj)
	}
	return walk, nil
}

// ensure builds the graph and walks it. An error that prevents the graph is not an error
// of the reconciliation: the conditions report it.
func (r *reconciliation[R]) ensure(ctx context.Context, walk graph.Walk) graph.Report {
	g, err := r.BuildGraph(ctx, r.obj, r.ledger.record)
	if err != nil {
		return r.graphUnavailable(err)
	}
	r.mu.Lock()
	r.desired = g.Names()
	r.mu.Unlock()
	released := r.release(ctx, walk.Ledger)
	return append(g.Ensure(ctx, walk), released...)
}

// graphUnavailable reports why no graph could be built. A postponed AWS call and a missing
// dependency are reasons to wait; any other error is a fault of the object.
func (r *reconciliation[R]) graphUnavailable(err error) graph.Report {
	f := fault.Of(err)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waiting = err.Error()
	if f.RetryAfter > 0 {
		r.waiting = "waits for its turn to call AWS"
		return graph.Report{{Name: "graph", Outcome: graph.Waiting, Message: r.waiting, RequeueAfter: f.RetryAfter}}
	}
	step := graph.Step{Name: "graph", Outcome: graph.Waiting, Message: r.waiting}
	if f.Class != fault.Dependency {
		r.graphFault = f
		step.RequeueAfter = retryInterval
		slog.Warn("cannot build the graph", "object", r.obj.GetName(), "error", err)
	}
	return graph.Report{step}
}

// retryInterval is the delay after an error outside the walk: of Prepare, Graph, Prove or Release.
const retryInterval = 10 * time.Second

// finish keeps the report for the status. A resync is complete even if it could not observe
// blocked resources: the graph marks them as drifted and observes them as soon as their
// dependencies are ready. Only a resync that a rate limit postponed is repeated as a whole.
func (r *reconciliation[R]) finish(report graph.Report, resynced bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.report, r.finished = report, true
	for _, step := range report {
		if step.Err != nil && !errors.Is(step.Err, store.ErrConflict) {
			slog.Warn("step failed", "object", r.obj.GetName(), "step", step.Name, "error", step.Err)
		}
	}
	postponed := report.Settled() && report.RequeueAfter() > 0
	if resynced && r.waiting == "" && !postponed {
		r.ledger.record.ResyncTime = timestamppb.Now()
	}
}

// remove removes the record of an object whose resources are all deleted.
func (r *reconciliation[R]) remove(ctx context.Context) error {
	r.forget(r.before.Key)
	if err := r.Bucket.Delete(ctx, r.before.Key, r.ledger.revision); err != nil {
		return fmt.Errorf("remove %s: %w", r.obj.GetName(), err)
	}
	slog.Info("deleted", "object", r.obj.GetName())
	return nil
}

// fenced returns the first store error in the report: a conflict with another writer, or
// an unavailable store. It ends the reconciliation, and the queue retries it.
func fenced(report graph.Report) error {
	for _, step := range report {
		if errors.Is(step.Err, store.ErrConflict) || errors.Is(step.Err, store.ErrUnavailable) {
			return step.Err
		}
	}
	return nil
}
