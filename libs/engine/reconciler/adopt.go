package reconciler

import (
	"context"
	"time"

	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/engine/object"
)

// lateCreate is the usual longest time from the create of a cluster to the create of its
// components, including the difference between two clocks.
const lateCreate = 30 * time.Second

// ledgerMayBeIncomplete reports whether the ledger of the record may lack existing resources: the
// record is older than this process, or the object was created long after its cluster and has
// never been ready, so that an earlier record of it may be lost.
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
	return r.obj.GetCreateTime().AsTime().Sub(cluster.GetCluster().GetCreateTime().AsTime()) > lateCreate
}

// tokensByTag returns the tokens of the resources that AWS shows with the tags of the object, by
// resource name. It calls AWS only if the ledger may lack a desired resource.
func (r *reconciliation[R]) tokensByTag(ctx context.Context, adopt bool) (map[string][]string, error) {
	at, ok := r.location()
	if !adopt || !ok || r.Sessions == nil || r.Owner == nil || r.wasReady() {
		return nil, nil
	}
	session, err := r.Sessions.Session(ctx, at.GetAccount(), at.GetRegion())
	if err != nil {
		return nil, err
	}
	return session.Intents(ctx, r.Owner(r.obj))
}

// wasReady reports whether the object was ready with its current spec.
func (r *reconciliation[R]) wasReady() bool {
	return r.obj.GetDeleteTime() == nil && r.before.GetReadyGeneration() == r.obj.GetGeneration()
}
