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
func (r *reconciliation[R]) ledgerMayBeIncomplete() bool {
	if r.Bucket.Preexisting(r.before.Key) {
		return true
	}
	cluster, ok := object.Field(r.obj, "spec").(interface {
		GetCluster() *typev1.ClusterReference
	})
	if !ok || r.before.GetReadyGeneration() > 0 || cluster.GetCluster().GetCreateTime() == nil {
		return false
	}
	return r.obj.GetCreateTime().AsTime().Sub(cluster.GetCluster().GetCreateTime().AsTime()) > declaredLate
}

// tokensByTag are the tokens of the things of the record that are in AWS by what their
// tags say, by name. It asks only if the ledger lacks something that is declared.
func (r *reconciliation[R]) tokensByTag(ctx context.Context, recall bool) (map[string][]string, error) {
	at, ok := r.location()
	if !recall || !ok || r.Sessions == nil || r.Owner == nil || r.wasReady() {
		return nil, nil
	}
	session, err := r.Sessions.Session(ctx, at.GetAccount(), at.GetRegion())
	if err != nil {
		return nil, err
	}
	return session.Intents(ctx, r.Owner(r.obj))
}

// wasReady reports whether the record was ready as it is now declared.
func (r *reconciliation[R]) wasReady() bool {
	return r.obj.GetDeleteTime() == nil && r.before.GetReadyGeneration() == r.obj.GetGeneration()
}
