// Package reconciler reconciles the objects of one type. A reconciliation reads one record,
// builds the graph of the desired resources, walks it once, and stores the ledger and the
// status. The API and the reconciler share nothing but the record.
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

// rollbackInterval is the interval between checks whether an operator accepted the rolled-back store.
const rollbackInterval = 5 * time.Second

// Reconciler reconciles the objects of one type, one record at a time. Its function
// fields hold what is particular to the type.
type Reconciler[R object.Object] struct {
	// Type is the object type; Bucket holds the records of its objects.
	Type   object.Type
	Bucket *store.Bucket
	// Stages are the conditions of an object, besides Ready.
	Stages []Stage
	// TimeScale is the factor by which AWS runs faster than the wall clock: 1 for AWS, more
	// for simulated AWS. Zero means 1.
	TimeScale float64
	// ResyncPeriod is the interval at which every resource is observed although the spec
	// is unchanged, to find drift. Zero disables resync.
	ResyncPeriod time.Duration
	// InventoryAudit returns those of ids that AWS does not list in the account and region.
	// It runs several times in each resync period. Nil disables the inventory audit.
	InventoryAudit func(ctx context.Context, account, region string, ids []string) ([]string, error)
	// AlwaysObserve makes every reconciliation observe every resource. It is for resources
	// whose observation costs no AWS call.
	AlwaysObserve bool
	// BuildGraph returns the bill of materials of r. It may first make decisions that the status of
	// r then freezes, such as zones and images, and change r and its record. A fault of class
	// dependency means that another object must provide a value first.
	BuildGraph func(ctx context.Context, r R, record *recordv1.Record) (*graph.Graph, error)
	// Factories returns the constructors of the empty resources that a delete needs.
	Factories func(ctx context.Context, r R) (graph.Factories, error)
	// DeleteBlocker returns a function that gives the reason why the resource of this name must
	// not be deleted yet, or "". A nil DeleteBlocker blocks nothing.
	DeleteBlocker func(r R) func(name string) string
	// Sessions and Owner find the resources of r by their tags when its ledger may be
	// incomplete. If one is nil, only natural keys and the tokens of first attempts find them.
	Sessions *session.Pool
	Owner    func(r R) session.Owner
	// Sweep runs before each walk of a deleted r. It finds resources of other creators that
	// block the delete and records them in the ledger, so that the same walk removes or
	// reports them. Nil means that there are none.
	Sweep func(ctx context.Context, r R, ledger graph.Ledger) error
	// Prove reads AWS once more after the ledger of a deleted r is empty. It records the
	// resources that it still finds in the ledger and returns nil; if it finds none, it
	// returns the proof, which becomes a transition. A nil Prove means that an empty ledger
	// is proof enough.
	Prove func(ctx context.Context, r R, ledger graph.Ledger) (*Proof, error)
	// Release ends the use of r by its former owner while r itself stays. It finds the
	// resources that the former owner left and records them in the ledger, so that the walk
	// removes them, and returns as waits what it waits for. Once none is left it returns the
	// proof, which becomes a transition. From then on reported returns true for that proof, and
	// Release ends the use in the status of r. Nil means that r is never released.
	Release func(ctx context.Context, r R, ledger graph.Ledger, reported func(Proof) bool) (waits string, proof *Proof, err error)
	// RenderStatus writes the outputs of r into its status, from the ledger entries by name.
	// Nil means that there are none.
	RenderStatus func(r R, entries map[string]graph.Entry)

	polls     pollSchedule
	latencies graph.Latencies
	audits    auditTimes
}

// Reconcile reconciles the record under key and returns the delay until the next
// reconciliation; zero means that none is due. It ignores keys of other object types and keys
// without a record.
func (r *Reconciler[R]) Reconcile(ctx context.Context, key string) (time.Duration, error) {
	if !strings.HasPrefix(key, r.Type.CollectionID+"/") {
		return 0, nil
	}
	if r.Bucket.RolledBack() != nil {
		// A rolled-back store must not cause changes in AWS until an operator accepts it.
		return rollbackInterval, nil //nolint:nilerr // The rollback is not an error of this record.
	}
	record, ok := r.Bucket.Get(key)
	if !ok {
		r.forget(key)
		return 0, nil
	}
	obj, err := object.Unpack[R](record.Record, record.Revision)
	if err != nil {
		return 0, fmt.Errorf("read %s: %w", key, err)
	}
	run := &reconciliation[R]{Reconciler: r, obj: obj, before: record, ledger: openLedger(r.Bucket, record, obj.GetUid())}
	run.ledger.render = run.render
	return run.run(ctx)
}

// forget drops the in-memory schedules of a deleted record.
func (r *Reconciler[R]) forget(key string) {
	r.polls.forget(key)
	r.audits.forget(key)
}
