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
func (p *reconciliation[R]) finalize(ctx context.Context, walk graph.Walk) graph.Report {
	if p.Sweep != nil {
		err := p.Sweep(ctx, p.r, walk.Ledger)
		if errors.Is(err, store.ErrConflict) {
			return graph.Report{{Name: "sweep", Outcome: graph.Failed, Err: err}}
		}
		if err != nil {
			// What is in the way, if anything is, AWS will say.
			slog.Warn("cannot look for leftovers", "resource", p.r.GetName(), "error", err)
		}
	}
	report := walk.Delete(ctx)
	if p.Prove == nil || !report.Settled() || len(walk.Ledger.Entries()) > 0 || p.alreadyProven() {
		return report
	}
	proof, err := p.Prove(ctx, p.r, walk.Ledger)
	switch {
	case err != nil:
		return append(report, graph.Step{Name: "proof", Outcome: graph.Failed, Err: err, RequeueAfter: retryInterval})
	case proof == nil:
		return append(report, graph.Step{Name: "proof", Outcome: graph.Waiting, Message: "found something left", RequeueAfter: time.Second})
	}
	object.AddTransition(p.ledger.record, time.Now(), proofOfEmpty, proof.Reason, proof.Message)
	return report
}

// release ends what others gave back of a resource that stays.
func (p *reconciliation[R]) release(ctx context.Context, ledger graph.Ledger) graph.Report {
	if p.Release == nil {
		return nil
	}
	retired := p.retired()
	waits, proof, err := p.Release(ctx, p.r, ledger, func(proof Proof) bool { return retired == "" && p.reportedRelease(proof) })
	switch {
	case err != nil:
		return graph.Report{{Name: "release", Outcome: graph.Failed, Err: err, RequeueAfter: retryInterval}}
	case proof != nil && retired != "":
		return graph.Report{{Name: "release", Outcome: graph.Waiting, Message: "waits until " + retired + " is gone", RequeueAfter: releaseInterval}}
	case proof != nil:
		// It is told while the record still says to whom.
		object.AddTransition(p.ledger.record, time.Now(), released, proof.Reason, proof.Message)
		return graph.Report{{Name: "release", Outcome: graph.Waiting, Message: "is given back", RequeueAfter: releaseInterval}}
	case waits != "":
		return graph.Report{{Name: "release", Outcome: graph.Waiting, Message: waits, RequeueAfter: releaseInterval}}
	}
	return nil
}

// retired is a thing that is still there and not declared any more, or "".
func (p *reconciliation[R]) retired() string {
	for _, e := range p.ledger.Entries() {
		if !slices.Contains(p.declared, e.Name) {
			return e.Name
		}
	}
	return ""
}

// reportedRelease reports whether a proof was told already.
func (p *reconciliation[R]) reportedRelease(proof Proof) bool {
	return slices.ContainsFunc(p.ledger.record.GetTransitions(), func(t *recordv1.Transition) bool {
		return t.GetType() == released && t.GetMessage() == proof.Message
	})
}

// releaseInterval is how soon it is looked again whether what was given back is free.
const releaseInterval = time.Second

// alreadyProven reports whether the proof was told already, by a pass that died before
// it could remove the record.
func (p *reconciliation[R]) alreadyProven() bool {
	transitions := p.ledger.record.GetTransitions()
	return len(transitions) > 0 && transitions[len(transitions)-1].GetType() == proofOfEmpty
}
