package reconciler

import (
	"context"
	"time"
)

// KeyReconciler reconciles the record under a key, as Reconciler does.
type KeyReconciler interface {
	Reconcile(ctx context.Context, key string) (time.Duration, error)
}

// Each returns a function that gives a key to the reconcilers of a service in turn. One of them
// reconciles it, and the others ignore it.
func Each(reconcilers ...KeyReconciler) func(ctx context.Context, key string) (time.Duration, error) {
	return func(ctx context.Context, key string) (time.Duration, error) {
		for _, reconciler := range reconcilers {
			if requeueAfter, err := reconciler.Reconcile(ctx, key); requeueAfter != 0 || err != nil {
				return requeueAfter, err
			}
		}
		return 0, nil
	}
}
