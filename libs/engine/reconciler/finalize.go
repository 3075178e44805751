package reconciler

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/store"
)

// Proof is the result of the last reads of AWS after all resources of an object were deleted.
type Proof struct {
	// Reason is the result in one word, such as `Empty`. Message is the full result.
	Reason, Message string
}

// The types of the transitions that report a proof.
const (
	proofOfEmpty = "ProofOfEmpty"
	released     = "Released"
)

// finalize deletes the resources in the ledger. Sweep runs before it and Prove after it: the
// record is removed only with a proof.
func (r *reconciliation[R]) finalize(ctx context.Context, walk graph.Walk) graph.Report {
	if r.Sweep != nil {
		err := r.Sweep(ctx, r.obj, walk.Ledger)
		if errors.Is(err, store.ErrConflict) {
			return graph.Report{{Name: "sweep", Outcome: graph.Failed, Err: err}}
		}
		if err != nil {
			// If a leftover blocks the delete, the error of AWS names it.
			slog.Warn("cannot find leftovers", "object", r.obj.GetName(), "error", err)
		}
	}
	report := walk.Delete(ctx)
	if r.Prove == nil || !report.Settled() || len(walk.Ledger.Entries()) > 0 || r.alreadyProven() {
		return report
	}
	proof, err := r.Prove(ctx, r.obj, walk.Ledger)
	switch {
	case err != nil:
		return append(report, graph.Step{Name: "proof", Outcome: graph.Failed, Err: err, RequeueAfter: retryInterval})
	case proof == nil:
		return append(report, graph.Step{Name: "proof", Outcome: graph.Waiting, Message: "found remaining resources", RequeueAfter: time.Second})
	}
	object.AddTransition(r.ledger.record, time.Now(), proofOfEmpty, proof.Reason, proof.Message)
	return report
}

// release ends the use of an object by its former owner while the object stays.
func (r *reconciliation[R]) release(ctx context.Context, ledger graph.Ledger) graph.Report {
	if r.Release == nil {
		return nil
	}
	retired := r.retired()
	waiting, proof, err := r.Release(ctx, r.obj, ledger, func(proof Proof) bool { return retired == "" && r.reportedRelease(proof) })
	switch {
	case err != nil:
		return graph.Report{{Name: "release", Outcome: graph.Failed, Err: err, RequeueAfter: retryInterval}}
	case proof != nil && retired != "":
		return graph.Report{{Name: "release", Outcome: graph.Waiting, Message: "waits until " + retired + " is deleted", RequeueAfter: releaseInterval}}
	case proof != nil:
		// The transition is added while the record still names the former owner.
		object.AddTransition(r.ledger.record, time.Now(), released, proof.Reason, proof.Message)
		return graph.Report{{Name: "release", Outcome: graph.Waiting, Message: "is being released", RequeueAfter: releaseInterval}}
	case waiting != "":
		return graph.Report{{Name: "release", Outcome: graph.Waiting, Message: waiting, RequeueAfter: releaseInterval}}
	}
	return nil
}

// retired returns the name of a resource that exists and is no longer desired, or "".
func (r *reconciliation[R]) retired() string {
	for _, e := range r.ledger.Entries() {
		if !slices.Contains(r.desired, e.Name) {
			return e.Name
		}
	}
	return ""
}

// reportedRelease reports whether a transition reports the proof already.
func (r *reconciliation[R]) reportedRelease(proof Proof) bool {
	return slices.ContainsFunc(r.ledger.record.GetTransitions(), func(t *recordv1.Transition) bool {
		return t.GetType() == released && t.GetMessage() == proof.Message
	})
}

// releaseInterval is the interval between checks whether a released object is free.
const releaseInterval = time.Second

// alreadyProven reports whether an earlier reconciliation added the proof and ended before it
// removed the record.
func (r *reconciliation[R]) alreadyProven() bool {
	transitions := r.ledger.record.GetTransitions()
	return len(transitions) > 0 && transitions[len(transitions)-1].GetType() == proofOfEmpty
}
