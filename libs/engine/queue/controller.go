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
	// Service is the service whose keys are run. Its replicas divide them.
	Service string
	// Identity names this replica, such as the name of its pod. It is unique among the replicas.
	Identity string
	// Group is the set of replicas that divide the keys. Each group runs all keys, so two groups
	// conflict, and only the compare-and-swap of the records protects them. Empty means that all
	// replicas of the service are one group.
	Group string
	// Bucket holds the records of the keys.
	Bucket *store.Bucket
	// Conn connects to the NATS account of the service, which holds its leases.
	Conn *nats.Conn
	// Workers is the number of concurrent runs. Zero means 64.
	Workers int
	// Shards is the number of shards, the same for all replicas. Zero means 64.
	Shards int
	// LeaseTTL is the time after its death during which a replica counts as alive, in whole
	// seconds. Zero means 10 s.
	LeaseTTL time.Duration
	// Wakes are the other buckets whose changes cause runs.
	Wakes []Wake
	// Reconcile reconciles a key. It returns the delay until the next run; zero means that only a
	// change causes one. Its context ends with the lease: then it must return. An error that wraps
	// [store.ErrConflict] means that another writer changed the record. After an error the key
	// runs again with exponential back-off.
	Reconcile func(ctx context.Context, key string) (requeueAfter time.Duration, err error)
	// Log gets the failed runs. Nil means the default logger.
	Log *slog.Logger
}

// A Wake maps changes in another bucket to keys.
type Wake struct {
	// Bucket is the other bucket.
	Bucket *store.Bucket
	// Keys returns the keys that a change concerns. It must not block.
	Keys func(store.Change) []string
	// After is the delay between a change and the runs of its keys. Changes within the delay share
	// a run. Zero runs them at once.
	After time.Duration
}

// A Controller runs the keys of a bucket, together with the other replicas.
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
		return nil, errors.New("new controller: bucket, connection and reconcile are required")
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

// Run runs keys until the context ends, and returns nil after the last run has ended and the lease
// is released. It returns an error if it cannot start, or if its connection is closed for good.
// Meanwhile the Run methods of the buckets must run too. Call Run once.
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
	var tasks sync.WaitGroup
	for _, w := range wakes {
		tasks.Go(func() { c.wake(ctx, w) })
	}
	for range c.o.Workers {
		tasks.Go(c.work)
	}
	err = c.holder.run(ctx)
	stop()
	c.queue.ShutDown()
	tasks.Wait()
	return err
}

// wake queues the keys that the changes of a bucket concern. After a watch that fell behind, it
// starts a new one and queues all keys, since any of them may have changed.
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

// offer queues the keys of the shards that this replica holds. The holders of the other shards see
// the same change.
func (c *Controller) offer(keys []string, after time.Duration) {
	for _, key := range keys {
		if c.holder.holds(shardOf(key, c.o.Shards)) {
			c.queue.AddAfter(key, after)
		}
	}
}

// offerShard queues all keys of a shard that this replica just gained, since the schedule of the
// last holder is lost.
func (c *Controller) offerShard(shard int) {
	for _, key := range c.o.Bucket.Keys("") {
		if shardOf(key, c.o.Shards) == shard {
			c.queue.Add(key)
		}
	}
}
