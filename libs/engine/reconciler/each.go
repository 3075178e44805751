package reconciler

import (
	"context"
	"time"
)

// KeyReconciler makes one pass over the record under a key; see Reconciler.
type KeyReconciler interface {
	Reconcile(ctx context.Context, key string) (time.Duration, error)
}

// Each gives a key to the reconcilers of a service one after the other: it is
// the business of one, and the others leave it alone.
func Each(passers ...KeyReconciler) func(ctx context.Context, key string) (time.Duration, error) {
	return func(ctx context.Context, key string) (time.Duration, error) {
		for _, passer := range passers {
			if again, err := passer.Reconcile(ctx, key); again != 0 || err != nil {
				return again, err
			}
		}
		return 0, nil
	}
}
