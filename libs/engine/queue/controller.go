package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"k8s.io/client-go/util/workqueue"

	"github.com/skep-dev/skep/libs/engine/store"
)

// Options are the settings of a [Controller].
type Options struct {
	// Service is whose keys are run. Replicas of one service share them.
	Service string
	// Identity is this replica, such as the name of its pod. It is unique among
	// the replicas.
	Identity string
	// Group is those of the replicas that share the keys. Each group runs all keys,
	// kept from harm by the compare-and-swap alone. Without it, all replicas are one.
	Group string
	// Bucket holds the records whose keys are run.
	Bucket *store.Bucket
	// Conn connects to the account of the service, where its leases are.
	Conn *nats.Conn
	// Workers is how many keys run at once. Without it, 64.
	Workers int
	// Shards is how many parts the keys are divided into, the same for all
	// replicas. Without it, 64.
	Shards int
	// LeaseTTL is how long after its death a replica is taken for alive, in whole
	// seconds. Without it, 10 s.
	LeaseTTL time.Duration
	// Wakes are the other buckets whose changes concern the keys.
	Wakes []Wake
	// Reconcile brings a key to where it ought to be. It returns when the key is to
	// be looked at again at the latest, 0 if only a change concerns it. Its context
	// ends with the lease: then it must return. An error that wraps
	// [store.ErrConflict] means that it decided on what is no longer so. After an
	// error the key is run again soon, and the later the more often it failed.
	Reconcile func(ctx context.Context, key string) (again time.Duration, err error)
	// Log is where runs that failed are told. Without it, the default logger.
	Log *slog.Logger
}

// A Wake tells which keys a change in another bucket concerns.
type Wake struct {
	// Bucket is watched.
	Bucket *store.Bucket
	// Keys returns the keys that the change concerns. It must not block.
	Keys func(store.Change) []string
	// After is how long after a change its keys are run. What changes in the meantime
	// costs no run of its own. Without it, they are run at once.
	After time.Duration
}

// A Controller runs the keys of a bucket, together with its replicas.
type Controller struct {
	o       Options
	queue   workqueue.TypedRateLimitingInterface[string]
	holder  *holder
	metrics *metrics
}

// New returns a controller that does nothing before Run.
func New(o Options) (*Controller, error) {
	switch {
	case o.Bucket == nil, o.Conn == nil, o.Reconcile == nil:
		return nil, errors.New("new controller: bucket, connection and reconcile are needed")
	case o.Workers < 0, o.Shards < 0:
		return nil, errors.New("new controller: workers and shards cannot be negative")
	}
	if o.Workers == 0 {
		o.Workers = 64
	}
	if o.Shards == 0 {
		o.Shards = 64
	}
	if o.LeaseTTL == 0 {
		o.LeaseTTL = 10 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	c := &Controller{o: o}
	group := o.Service
	if o.Group != "" {
		group += "." + o.Group
	}
	c.holder = &holder{
		group: group, identity: o.Identity, shards: o.Shards, ttl: o.LeaseTTL, gained: c.offerShard, log: o.Log,
	}
	return c, nil
}

// Run runs keys until the context ends, and returns nil when the last run has
// ended and the lease is given back. It returns an error if it cannot begin, or
// if its connection was closed for good. The buckets must be fed meanwhile. It is to
// be called once.
func (c *Controller) Run(ctx context.Context) error {
	if err := c.holder.open(ctx, c.o.Conn); err != nil {
		return fmt.Errorf("run controller of %s: %w", c.o.Service, err)
	}
	wakes := append([]Wake{{Bucket: c.o.Bucket, Keys: func(change store.Change) []string { return []string{change.Key} }}}, c.o.Wakes...)
	for _, w := range wakes {
		if w.Bucket.Synced(ctx) != nil {
			return nil // The context ended.
		}
	}
	c.queue = workqueue.NewTypedRateLimitingQueue(newBackoff())
	var err error
	if c.metrics, err = newMetrics(c.o.Service, c.queue.Len); err != nil {
		return fmt.Errorf("run controller of %s: %w", c.o.Service, err)
	}
	defer c.metrics.close()

	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var parts sync.WaitGroup
	for _, w := range wakes {
		parts.Go(func() { c.wake(ctx, w) })
	}
	for range c.o.Workers {
		parts.Go(c.work)
	}
	err = c.holder.run(ctx)
	stop()
	c.queue.ShutDown()
	parts.Wait()
	return err
}

// wake offers the keys that the changes of a bucket concern. A watch that was
// too slow begins anew, and everything is offered, since anything may have changed.
func (c *Controller) wake(ctx context.Context, w Wake) {
	for ctx.Err() == nil {
		watch := w.Bucket.Changes("")
		c.offer(c.o.Bucket.Keys(""), 0)
		c.drain(ctx, w, watch)
		watch.Stop()
	}
}

func (c *Controller) drain(ctx context.Context, w Wake, watch *store.Watch) {
	for {
		select {
		case change, ok := <-watch.C:
			if !ok {
				return
			}
			c.offer(w.Keys(change), w.After)
		case <-ctx.Done():
			return
		}
	}
}

// offer queues the keys of the shards that this replica holds. Those of other
// shards are offered to their holders by the same change.
func (c *Controller) offer(keys []string, after time.Duration) {
	for _, key := range keys {
		if c.holder.holds(shardOf(key, c.o.Shards)) {
			c.queue.AddAfter(key, after)
		}
	}
}

// offerShard queues all keys of a shard that was just taken: what its last holder
// knew of them is lost.
func (c *Controller) offerShard(shard int) {
	for _, key := range c.o.Bucket.Keys("") {
		if shardOf(key, c.o.Shards) == shard {
			c.queue.Add(key)
		}
	}
}
