// Package reconciler reconciles the objects of one type: it reads one record, builds
// the graph of what the object desires, walks it once, and stores the ledger and the
// status. Between the API and the reconciler stands nothing but the record.
//
// Services and the gateway import it, and run it under libs/engine/queue.
package reconciler

import (
	"context"
	"fmt"
	"strings"
	"time"

	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"

	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/store"
)

// rollbackInterval is how often it is asked whether a store that went back was accepted.
const rollbackInterval = 5 * time.Second

// Reconciler keeps what the resources of one kind declare: it makes one pass
// over one record at a time. What is the kind's own are its functions.
type Reconciler[R object.Object] struct {
	// Type names the kind, Bucket holds its records.
	Type   object.Type
	Bucket *store.Bucket
	// Stages are its conditions.
	Stages []Stage
	// TimeScale is how many times faster than the wall clock the cloud runs.
	TimeScale float64
	// ResyncPeriod is how often everything is looked at even if nothing is known to have
	// changed, to find what somebody changed in AWS; zero means never.
	ResyncPeriod time.Duration
	// InventoryAudit returns which of these ids of things in an account and region AWS
	// does not list; nil if nobody lists them. It is asked some times between two
	// looks at everything.
	InventoryAudit func(ctx context.Context, account, region string, ids []string) ([]string, error)
	// AlwaysObserve says that looking costs nothing, so that every pass looks at everything.
	AlwaysObserve bool
	// Graph is the bill of materials of r. It may decide once what is then frozen in the
	// status of r, or stored in its record. A fault of class dependency means that
	// another object must provide something first.
	Graph func(ctx context.Context, r R, record *recordv1.Record) (*graph.Graph, error)
	// Factories makes the empty resources that a deletion needs.
	Factories func(ctx context.Context, r R) (graph.Factories, error)
	// DeleteBlocker says why a thing of r must not be deleted yet, or ""; nil never holds.
	DeleteBlocker func(r R) func(name string) string
	// Sessions and Owner find by their tags the things of r that its ledger may have
	// forgotten; without them only its tokens do.
	Sessions *session.Pool
	Owner    func(r R) session.Owner
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
	// RenderStatus writes into the status of r what others and people want to know.
	RenderStatus func(r R, entries map[string]graph.Entry)

	polls     pollSchedule
	latencies graph.Latencies
	audits    auditTimes
}

// Reconcile makes one pass over the record under key and says when to make
// another. A key of another kind, or without a record, is left alone.
func (k *Reconciler[R]) Reconcile(ctx context.Context, key string) (time.Duration, error) {
	if !strings.HasPrefix(key, k.Type.CollectionID+"/") {
		return 0, nil
	}
	if k.Bucket.RolledBack() != nil {
		// Nothing is done on the strength of a store that went back.
		return rollbackInterval, nil //nolint:nilerr // It is no failure of this record.
	}
	record, ok := k.Bucket.Get(key)
	if !ok {
		k.forget(key)
		return 0, nil
	}
	r, err := object.Unpack[R](record.Record, record.Revision)
	if err != nil {
		return 0, fmt.Errorf("read %s: %w", key, err)
	}
	p := &reconciliation[R]{Reconciler: k, r: r, before: record, ledger: openLedger(k.Bucket, record, r.GetUid())}
	p.ledger.render = p.render
	return p.run(ctx)
}

// forget forgets what is only remembered in memory of a record that is gone.
func (k *Reconciler[R]) forget(key string) {
	k.polls.forget(key)
	k.audits.forget(key)
}
