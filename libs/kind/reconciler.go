package kind

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"strings"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"

	"github.com/skep-dev/skep/libs/budget"
	"github.com/skep-dev/skep/libs/cause"
	"github.com/skep-dev/skep/libs/cloud"
	"github.com/skep-dev/skep/libs/fault"
	"github.com/skep-dev/skep/libs/graph"
	"github.com/skep-dev/skep/libs/store"
)

// heldInterval is how often it is asked whether a store that went back was accepted.
const heldInterval = 5 * time.Second

// Reconciler keeps what the resources of one kind declare: it makes one pass
// over one record at a time. What is the kind's own are its functions.
type Reconciler[R Resource] struct {
	// Noun names the kind, Bucket holds its records.
	Noun   Noun
	Bucket *store.Bucket
	// Stages are its conditions.
	Stages []Stage
	// Pace is how many times faster than the wall clock the cloud runs.
	Pace float64
	// Survey is how often everything is looked at even if nothing is known to have
	// changed, to find what somebody changed in AWS; zero means never.
	Survey time.Duration
	// Missing returns which of these ids of things in an account and region AWS
	// does not list; nil if nobody lists them. It is asked some times between two
	// looks at everything.
	Missing func(ctx context.Context, account, region string, ids []string) ([]string, error)
	// Local says that looking costs nothing, so that every pass looks at everything.
	Local bool
	// Prepare decides once what is then frozen in the status: zones, images. It
	// may change r and its record; nil if there is nothing to decide.
	Prepare func(ctx context.Context, r R, record *recordv1.Record) error
	// Graph is the bill of materials of r. A fault of class dependency means that
	// another resource must provide something first.
	Graph func(ctx context.Context, r R) (*graph.Graph, error)
	// Kinds makes the empty resources that a deletion needs.
	Kinds func(ctx context.Context, r R) (graph.Kinds, error)
	// Hold says why a thing of r must not be deleted yet, or ""; nil never holds.
	Hold func(r R) func(name string) string
	// Cloud and Owner find by their tags the things of r that its ledger may have
	// forgotten; without them only its tokens do.
	Cloud *cloud.Cloud
	Owner func(r R) cloud.Owner
	// Sweep looks, while r goes and before each walk, for what others left in the
	// way of its things, and notes in the ledger what it found, so that the walk
	// removes or names it; nil if there is never anything.
	Sweep func(ctx context.Context, r R, ledger graph.Ledger) error
	// Prove looks once more when nothing is left in the ledger. What it finds all
	// the same it notes there, and returns nil; otherwise its proof is told. Nil if
	// the ledger is proof enough.
	Prove func(ctx context.Context, r R, ledger graph.Ledger) (*Proof, error)
	// Release ends, while r stays, what others had of it and gave back: it looks for
	// what they left behind and notes in the ledger what it found, so that the walk
	// removes it. It says what it waits for. Once nothing is left it proves that, and is
	// asked again when the proof is told, to end it in the status of r. Nil if nobody
	// ever gives anything back.
	Release func(ctx context.Context, r R, ledger graph.Ledger, told func(Proof) bool) (waits string, proof *Proof, err error)
	// Render writes into the status of r what others and people want to know.
	Render func(r R, entries map[string]graph.Entry)

	looks     looks
	latencies graph.Latencies
	rolls     rollCalls
}

// Reconcile makes one pass over the record under key and says when to make
// another. A key of another kind, or without a record, is left alone.
func (k *Reconciler[R]) Reconcile(ctx context.Context, key string) (time.Duration, error) {
	if !strings.HasPrefix(key, k.Noun.Segment+"/") {
		return 0, nil
	}
	if k.Bucket.Held() != nil {
		// Nothing is done on the strength of a store that went back.
		return heldInterval, nil //nolint:nilerr // It is no failure of this record.
	}
	record, ok := k.Bucket.Get(key)
	if !ok {
		k.forget(key)
		return 0, nil
	}
	r, err := Unpack[R](record.Record, record.Revision)
	if err != nil {
		return 0, fmt.Errorf("read %s: %w", key, err)
	}
	p := &pass[R]{Reconciler: k, r: r, before: record, ledger: openLedger(k.Bucket, record, r.GetUid())}
	p.ledger.render = p.render
	return p.run(ctx)
}

// forget forgets what is only remembered in memory of a record that is gone.
func (k *Reconciler[R]) forget(key string) {
	k.looks.forget(key)
	k.rolls.forget(key)
}

// pass is one pass over one record.
type pass[R Resource] struct {
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

func (p *pass[R]) run(ctx context.Context) (time.Duration, error) {
	ctx = cause.With(ctx, cause.Cause{Record: p.r.GetName()})
	going := p.r.GetDeleteTime() != nil
	due := p.due()
	ctx = budget.With(ctx, budget.Caller{Owner: p.r.GetName(), Priority: p.priority(going)})
	kinds, err := p.Kinds(ctx, p.r)
	if err != nil {
		return 0, fmt.Errorf("open %s: %w", p.r.GetName(), err)
	}
	recall := p.forgetful()
	made, err := p.made(ctx, recall)
	if err != nil {
		return 0, fmt.Errorf("recall %s: %w", p.r.GetName(), err)
	}
	walk := graph.Pass{Ledger: p.looks.remember(p.before.Key, p.ledger), Kinds: kinds, Survey: p.Local || due, Routine: !p.changed(), Recall: recall, Made: made, Pace: p.Pace, Latencies: &p.latencies}
	if p.Hold != nil {
		walk.Hold = p.Hold(p.r)
	}
	var report graph.Report
	if going {
		report = p.dismantle(ctx, walk)
	} else {
		walk.Suspects = p.suspects(ctx)
		report = p.ensure(ctx, walk)
	}
	if recall && report.Settled() {
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
	return p.again(report), nil
}

// ensure builds the graph and walks it. What keeps the graph from being built is
// no failure of the pass: the conditions tell it.
func (p *pass[R]) ensure(ctx context.Context, walk graph.Pass) graph.Report {
	if p.Prepare != nil {
		if err := p.Prepare(ctx, p.r, p.ledger.record); err != nil {
			return p.stopped(err)
		}
	}
	g, err := p.Graph(ctx, p.r)
	if err != nil {
		return p.stopped(err)
	}
	p.mu.Lock()
	p.declared = g.Names()
	p.mu.Unlock()
	released := p.release(ctx, walk.Ledger)
	return append(g.Ensure(ctx, walk), released...)
}

// stopped reports why no graph could be built.
func (p *pass[R]) stopped(err error) graph.Report {
	f := fault.Of(err)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting = err.Error()
	if f.RetryAfter > 0 {
		p.waiting = "waits for its turn to call AWS"
		return graph.Report{{Name: "graph", Outcome: graph.Waiting, Message: p.waiting, Again: f.RetryAfter}}
	}
	step := graph.Step{Name: "graph", Outcome: graph.Waiting, Message: p.waiting}
	if f.Class != fault.Dependency {
		p.trouble = f
		step.Again = troubleInterval
		slog.Warn("cannot build", "resource", p.r.GetName(), "error", err)
	}
	return graph.Report{step}
}

// troubleInterval is how long after a failed preparation another is made.
const troubleInterval = 10 * time.Second

// finish keeps what the pass came to. What a survey could not look at, the graph
// looks at as soon as it can be, so that the survey is done all the same.
func (p *pass[R]) finish(report graph.Report, surveyed bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.report, p.finished = report, true
	for _, step := range report {
		if step.Err != nil && !errors.Is(step.Err, store.ErrConflict) {
			slog.Warn("refused", "resource", p.r.GetName(), "step", step.Name, "error", step.Err)
		}
	}
	putOff := report.Settled() && report.Again() > 0
	if surveyed && p.waiting == "" && !putOff {
		p.ledger.record.SurveyTime = timestamppb.Now()
	}
}

// due reports whether a look at everything is due: there is a new specification,
// or the last look was long ago.
func (p *pass[R]) due() bool {
	return p.changed() || p.Survey > 0 && !time.Now().Before(p.nextSurvey())
}

// changed reports whether no pass has been over this specification yet.
func (p *pass[R]) changed() bool { return !Observed(p.r) }

// nextSurvey is when everything is looked at again.
func (p *pass[R]) nextSurvey() time.Time {
	last := p.ledger.record.GetSurveyTime()
	if last == nil {
		last = p.r.GetUpdateTime()
	}
	return last.AsTime().Add(p.Survey + spread(p.before.Key, p.Survey/10))
}

// spread is a part of a time, by key, so that not all keys come at once.
func spread(key string, over time.Duration) time.Duration {
	h := fnv.New32a()
	_, _ = h.Write([]byte(key))
	return over / spreads * time.Duration(h.Sum32()%spreads)
}

// spreads is into how many parts a spread is cut.
const spreads = 120

func (p *pass[R]) again(report graph.Report) time.Duration {
	switch {
	case !report.Settled(), report.Again() > 0:
		return report.Again()
	case p.Survey > 0:
		next := p.nextSurvey()
		if roll := p.nextRoll(); p.Missing != nil && roll.Before(next) {
			next = roll
		}
		return max(time.Until(next), time.Second)
	}
	return 0
}

// remove removes the record of what is entirely gone.
func (p *pass[R]) remove(ctx context.Context) error {
	p.forget(p.before.Key)
	if err := p.Bucket.Delete(ctx, p.before.Key, p.ledger.revision); err != nil {
		return fmt.Errorf("remove %s: %w", p.r.GetName(), err)
	}
	slog.Info("gone", "resource", p.r.GetName())
	return nil
}

// render brings conditions, inventory and outputs of the resource up to date.
// It runs before every write, so that a long pass shows its progress.
func (p *pass[R]) render(record *recordv1.Record, entries []graph.Entry) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	r := proto.CloneOf(p.r)
	going := r.GetDeleteTime() != nil
	items := inventory(p.declared, entries, p.report)
	setInventory(r, items)
	before := Conditions(r)
	settled := p.finished && p.report.Settled()
	conditions := judge(before, p.Stages, items, going, p.waiting, p.trouble, now)
	setConditions(r, conditions)
	if settled && !going {
		record.ReadyGeneration = r.GetGeneration()
	}
	if p.finished && p.waiting == "" {
		setObserved(r, r.GetGeneration())
	}
	setState(r, conclusion(going, settled, record, r.GetGeneration(), conditions))
	noteConditions(record, now, before, conditions)
	if p.Render != nil {
		byName := make(map[string]graph.Entry, len(entries))
		for _, e := range entries {
			byName[e.Name] = e
		}
		p.Render(r, byName)
	}
	p.r = r
	return Pack(record, r)
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

func observedGeneration(m Resource) int64 {
	if s, ok := part(m, "status").(interface{ GetObservedGeneration() int64 }); ok {
		return s.GetObservedGeneration()
	}
	return 0
}
