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

// Proof is what a last look at AWS found once nothing of a resource was left.
type Proof struct {
	// Reason is the outcome in one word, such as `Empty`, and Message all of it.
	Reason, Message string
}

// The types of the transitions that tell a proof.
const (
	proofOfEmpty = "ProofOfEmpty"
	released     = "Released"
)

// finalize removes what the ledger remembers, after a look at what others left
// in the way, and before the record goes with a last look at what is left.
func (r *reconciliation[R]) finalize(ctx context.Context, walk graph.Walk) graph.Report {
	if r.Sweep != nil {
		err := r.Sweep(ctx, r.obj, walk.Ledger)
		if errors.Is(err, store.ErrConflict) {
			return graph.Report{{Name: "sweep", Outcome: graph.Failed, Err: err}}
		}
		if err != nil {
			// What is in the way, if anything is, AWS will say.
			slog.Warn("cannot look for leftovers", "resource", r.obj.GetName(), "error", err)
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
		return append(report, graph.Step{Name: "proof", Outcome: graph.Waiting, Message: "found something left", RequeueAfter: time.Second})
	}
	object.AddTransition(r.ledger.record, time.Now(), proofOfEmpty, proof.Reason, proof.Message)
	return report
}

// release ends what others gave back of a resource that stays.
func (r *reconciliation[R]) release(ctx context.Context, ledger graph.Ledger) graph.Report {
	if r.Release == nil {
		return nil
	}
	retired := r.retired()
	waits, proof, err := r.Release(ctx, r.obj, ledger, func(proof Proof) bool { return retired == "" && r.reportedRelease(proof) })
	switch {
	case err != nil:
		return graph.Report{{Name: "release", Outcome: graph.Failed, Err: err, RequeueAfter: retryInterval}}
	case proof != nil && retired != "":
		return graph.Report{{Name: "release", Outcome: graph.Waiting, Message: "waits until " + retired + " is gone", RequeueAfter: releaseInterval}}
	case proof != nil:
		// It is told while the record still says to whom.
		object.AddTransition(r.ledger.record, time.Now(), released, proof.Reason, proof.Message)
		return graph.Report{{Name: "release", Outcome: graph.Waiting, Message: "is given back", RequeueAfter: releaseInterval}}
	case waits != "":
		return graph.Report{{Name: "release", Outcome: graph.Waiting, Message: waits, RequeueAfter: releaseInterval}}
	}
	return nil
}

// retired is a thing that is still there and not declared any more, or "".
func (r *reconciliation[R]) retired() string {
	for _, e := range r.ledger.Entries() {
		if !slices.Contains(r.desired, e.Name) {
			return e.Name
		}
	}
	return ""
}

// reportedRelease reports whether a proof was told already.
func (r *reconciliation[R]) reportedRelease(proof Proof) bool {
	return slices.ContainsFunc(r.ledger.record.GetTransitions(), func(t *recordv1.Transition) bool {
		return t.GetType() == released && t.GetMessage() == proof.Message
	})
}

// releaseInterval is how soon it is looked again whether what was given back is free.
const releaseInterval = time.Second

// alreadyProven reports whether the proof was told already, by a pass that died before
// it could remove the record.
func (r *reconciliation[R]) alreadyProven() bool {
	transitions := r.ledger.record.GetTransitions()
	return len(transitions) > 0 && transitions[len(transitions)-1].GetType() == proofOfEmpty
}
