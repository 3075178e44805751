package queue_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"

	"github.com/skep-dev/skep/libs/engine/queue"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/bus"
	"github.com/skep-dev/skep/libs/platform/bus/bustest"
	"github.com/skep-dev/skep/libs/platform/topology"
)

// oneService has two services; compute reads network.
var oneService = topology.Topology{
	{Name: "network", Bucket: "network"},
	{Name: "compute", Bucket: "compute", Reads: []topology.Read{{Service: "network", Reason: "subnets"}}},
}

// inVirtualTime runs a test in virtual time against a provisioned server.
func inVirtualTime(t *testing.T, test func(t *testing.T, s *bus.Server)) {
	t.Helper()
	bustest.Run(t, oneService, test)
}

// replica is one process of a service.
type replica struct {
	nc     *nats.Conn
	bucket *store.Bucket
	cancel context.CancelFunc
	done   sync.WaitGroup
}

// start runs a replica until stop, kill or the end of the test. It sets service, identity, bucket and
// connection in the options.
func start(t *testing.T, s *bus.Server, service, identity string, o queue.Options) *replica {
	t.Helper()
	r := &replica{}
	var err error
	r.nc, err = s.Connect(service)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	r.cancel = cancel
	r.bucket = r.open(t, ctx, service)
	o.Service, o.Identity, o.Bucket, o.Conn = service, identity, r.bucket, r.nc
	for i := range o.Wakes {
		o.Wakes[i].Bucket = r.open(t, ctx, "network")
	}
	c, err := queue.New(o)
	require.NoError(t, err)
	r.done.Go(func() { _ = c.Run(ctx) })
	t.Cleanup(r.stop)
	return r
}

// open opens a bucket and runs it.
func (r *replica) open(t *testing.T, ctx context.Context, bucket string) *store.Bucket {
	t.Helper()
	b, err := store.Open(ctx, r.nc, bucket, store.Options{})
	require.NoError(t, err)
	r.done.Go(func() { _ = b.Run(ctx) })
	return b
}

// stop ends the replica cleanly.
func (r *replica) stop() {
	r.cancel()
	r.done.Wait()
	r.nc.Close()
}

// kill ends the replica without a release of its lease.
func (r *replica) kill() {
	r.nc.Close()
	r.cancel()
	r.done.Wait()
}

// write creates n records.
func write(t *testing.T, b *store.Bucket, n int) []string {
	t.Helper()
	require.NoError(t, b.Synced(t.Context()))
	var keys []string
	for i := range n {
		key := fmt.Sprintf("networks/acme/n%03d", i)
		_, err := b.Put(t.Context(), key, &recordv1.Record{}, 0)
		require.NoError(t, err)
		keys = append(keys, key)
	}
	return keys
}

// journal records the runs of all replicas.
type journal struct {
	mu      sync.Mutex
	runs    map[string]int
	last    map[string]string
	running map[string]string
	twice   []string
}

func newJournal() *journal {
	return &journal{runs: map[string]int{}, last: map[string]string{}, running: map[string]string{}}
}

// run records a run of this duration; it ends early with its context.
func (j *journal) run(ctx context.Context, who, key string, takes time.Duration) {
	j.mu.Lock()
	if other, ok := j.running[key]; ok {
		j.twice = append(j.twice, fmt.Sprintf("%s by %s and %s", key, other, who))
	}
	j.running[key] = who
	j.runs[key]++
	j.last[key] = who
	j.mu.Unlock()
	select {
	case <-time.After(takes):
	case <-ctx.Done():
	}
	j.mu.Lock()
	delete(j.running, key)
	j.mu.Unlock()
}

// count returns the number of runs of a key.
func (j *journal) count(key string) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.runs[key]
}

// share returns the number of keys whose last run was by this replica.
func (j *journal) share(who string) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	n := 0
	for _, last := range j.last {
		if last == who {
			n++
		}
	}
	return n
}

// recording returns options whose Reconcile only records its runs.
func (j *journal) recording(who string, takes time.Duration) queue.Options {
	return queue.Options{Reconcile: func(ctx context.Context, key string) (time.Duration, error) {
		j.run(ctx, who, key, takes)
		return 0, nil
	}}
}
