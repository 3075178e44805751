package reconciler

import (
	"context"
	"time"

	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/engine/object"
)

// declaredLate is how long after its cluster a part is usually declared at the
// latest, by clocks that need not quite agree.
const declaredLate = 30 * time.Second

// ledgerMayBeIncomplete reports whether the ledger of the record may have forgotten things: the
// record comes from before this process, or was declared long after its cluster
// was, and is not ready since.
func (p *reconciliation[R]) ledgerMayBeIncomplete() bool {
	if p.Bucket.Preexisting(p.before.Key) {
		return true
	}
	cluster, ok := object.Field(p.r, "spec").(interface {
		GetCluster() *typev1.ClusterReference
	})
	if !ok || p.before.GetReadyGeneration() > 0 || cluster.GetCluster().GetCreateTime() == nil {
		return false
	}
	return p.r.GetCreateTime().AsTime().Sub(cluster.GetCluster().GetCreateTime().AsTime()) > declaredLate
}

// tokensByTag are the tokens of the things of the record that are in AWS by what their
// tags say, by name. It asks only if the ledger lacks something that is declared.
func (p *reconciliation[R]) tokensByTag(ctx context.Context, recall bool) (map[string][]string, error) {
	at, ok := p.location()
	if !recall || !ok || p.Sessions == nil || p.Owner == nil || p.wasReady() {
		return nil, nil
	}
	session, err := p.Sessions.Session(ctx, at.GetAccount(), at.GetRegion())
	if err != nil {
		return nil, err
	}
	return session.Intents(ctx, p.Owner(p.r))
}

// wasReady reports whether the record was ready as it is now declared.
func (p *reconciliation[R]) wasReady() bool {
	return p.r.GetDeleteTime() == nil && p.before.GetReadyGeneration() == p.r.GetGeneration()
}
