package cluster_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/test/sample"
)

const (
	// writers is the number of writing goroutines per replica; keyCount is the number of keys
	// that they share.
	writers  = 3
	keyCount = 4
	// failureTime is the minimum duration of a failure.
	failureTime = 3 * time.Second
	// progress is the number of writes that prove that the store works, more than are in
	// flight at one time.
	progress = 5 * writers * size
)

func TestTheStoreIsLinearizableDuringFailuresOfItsServers(t *testing.T) {
	runFailures(t, newServers(t), failures, sample.Every(3, 2, failures[:minimumFailures]))
}

func TestTheStoreIsLinearizableWhileAHostIsIsolated(t *testing.T) {
	runFailures(t, newServersOnSeparateHosts(t), isolations, sample.Every(2, 0, isolations))
}

// runFailures runs the first failures, and continues with all failures until runTime has passed.
func runFailures(t *testing.T, s *servers, all, first []failure) {
	t.Helper()
	s.provision(t)
	var replicas []*replica
	for i := range size {
		replicas = append(replicas, newReplica(t, s, i, owner))
	}
	mirror := newReplica(t, s, size, reader)
	began := time.Now()
	for round := 0; round < len(first) || time.Since(began) < *runTime; round++ {
		current := all[round%len(all)]
		if round < len(first) {
			current = first[round]
		}
		if !t.Run(fmt.Sprintf("%d %s", round, current.name), func(t *testing.T) {
			survive(t, s, replicas, mirror, current, fmt.Sprintf("networks/round-%d/", round))
		}) {
			return
		}
	}
}

// survive lets the replicas write new keys before, during and after a failure, and checks the
// history.
func survive(t *testing.T, s *servers, replicas []*replica, mirror *replica, failure failure, prefix string) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*waitTimeout)
	defer cancel()
	var keys []string
	for i := range keyCount {
		keys = append(keys, fmt.Sprintf("%skey-%d", prefix, i))
	}
	h := newHistory()
	writing, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	for _, r := range replicas {
		for i := range writers {
			running.Go(func() { r.work(writing, t, h, r.id*writers+i, keys) })
		}
	}
	defer running.Wait()
	defer stop()
	all := func(since map[int]int) bool {
		for _, r := range replicas {
			if since[r.id] < progress/size {
				return false
			}
		}
		return true
	}

	require.NoError(t, h.until(ctx, h.mark(), all), "before the failure")
	began := time.Now()
	end := failure.start(t, s)
	mark := h.mark()
	select {
	case <-time.After(failureTime):
	case <-ctx.Done():
	}
	if !failure.stopsWrites {
		// All replicas write: a replica of a server that cannot serve connects to another.
		require.NoError(t, h.until(ctx, mark, all), "during the failure")
	}
	mark = h.mark()
	ended := time.Now()
	end()
	require.NoError(t, h.until(ctx, mark, all), "after the failure")
	t.Logf("a failure of %.1f s; all replicas wrote %.1f s after its end", ended.Sub(began).Seconds(), time.Since(ended).Seconds())
	stop()
	running.Wait()

	expected := make(map[string]version)
	for _, key := range keys {
		a := answer{outcome: uncertain}
		for a.outcome == uncertain && ctx.Err() == nil {
			a = replicas[0].read(ctx, t, h, len(replicas)*writers, key)
		}
		expected[key] = a.seen
	}
	for _, r := range append(replicas, mirror) {
		require.NoError(t, r.shows(ctx, prefix, expected))
		require.NoError(t, r.records.RolledBack(), "a lagging server was mistaken for a rollback")
	}
	operations := withoutReads(h.all(), len(replicas)*writers)
	t.Log(summary(operations))
	linearizable(t, operations)
	require.Equal(t, porcupine.Illegal, porcupine.CheckOperationsTimeout(register, forChecker(withoutOneWrite(t, operations)), checkTimeout),
		"a history without an acknowledged write passes too, so the check proves nothing")
}

// withoutReads removes the reads of the replicas during the failure: NATS does not promise
// linearizable reads from a server that does not know yet that it lost the leadership, and
// Skep confirms each decision on a read with a compare-and-swap. The reads of the last client,
// after the failure, remain: they see every write.
func withoutReads(operations []porcupine.Operation, last int) []porcupine.Operation {
	return slices.DeleteFunc(operations, func(o porcupine.Operation) bool {
		return o.Input.(request).verb == read && o.ClientId != last
	})
}

// withoutOneWrite removes an acknowledged write that a later write was decided on.
func withoutOneWrite(t *testing.T, operations []porcupine.Operation) []porcupine.Operation {
	t.Helper()
	followed := make(map[version]bool)
	for _, o := range operations {
		if o.Output.(answer).outcome == done {
			followed[o.Input.(request).decidedOn] = true
		}
	}
	for i, o := range operations {
		if r := o.Input.(request); r.verb == put && o.Output.(answer).outcome == done && followed[r.version] {
			return slices.Delete(slices.Clone(operations), i, i+1)
		}
	}
	require.Fail(t, "no write was decided on an acknowledged write")
	return nil
}
