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
)

const (
	// writers is how many goroutines of each replica write, and keysAll how many keys
	// they share.
	writers = 3
	keysAll = 4
	// dwell is how long a trouble lasts at least.
	dwell = 3 * time.Second
	// going is how many writes prove that the store works: more than are on their way.
	going = 5 * writers * size
)

func TestTheStoreIsLinearizableWhateverBefallsItsServers(t *testing.T) {
	weather(t, newServers(t), troubles, brief)
}

func TestTheStoreIsLinearizableThoughAHostIsCutOff(t *testing.T) {
	weather(t, newServersOnHosts(t), cuts, len(cuts))
}

// weather makes trouble upon trouble, each once in a brief run.
func weather(t *testing.T, s *servers, troubles []trouble, brief int) {
	t.Helper()
	s.provision(t)
	var replicas []*replica
	for i := range size {
		replicas = append(replicas, newReplica(t, s, i, owner))
	}
	mirror := newReplica(t, s, size, reader)
	began := time.Now()
	for round := 0; round < brief || time.Since(began) < *lasting; round++ {
		trouble := troubles[round%len(troubles)]
		if !t.Run(fmt.Sprintf("%d %s", round, trouble.name), func(t *testing.T) {
			endure(t, s, replicas, mirror, trouble, fmt.Sprintf("networks/round-%d/", round))
		}) {
			return
		}
	}
}

// endure lets the replicas write keys of their own while a trouble comes and goes.
func endure(t *testing.T, s *servers, replicas []*replica, mirror *replica, trouble trouble, prefix string) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	var keys []string
	for i := range keysAll {
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
			if since[r.id] < going/size {
				return false
			}
		}
		return true
	}

	require.NoError(t, h.until(ctx, h.mark(), all), "before the trouble")
	began := time.Now()
	end := trouble.befall(t, s)
	mark := h.mark()
	select {
	case <-time.After(dwell):
	case <-ctx.Done():
	}
	if !trouble.stops {
		// All of them: who is connected to a server that cannot serve goes to another.
		require.NoError(t, h.until(ctx, mark, all), "during the trouble")
	}
	mark = h.mark()
	ended := time.Now()
	end()
	require.NoError(t, h.until(ctx, mark, all), "after the trouble")
	t.Logf("a trouble of %.1f s; %.1f s after it all replicas write", ended.Sub(began).Seconds(), time.Since(ended).Seconds())
	stop()
	running.Wait()

	wanted := make(map[string]version)
	for _, key := range keys {
		a := answer{outcome: doubt}
		for a.outcome == doubt && ctx.Err() == nil {
			a = replicas[0].read(ctx, t, h, len(replicas)*writers, key)
		}
		wanted[key] = a.seen
	}
	for _, r := range append(replicas, mirror) {
		require.NoError(t, r.shows(ctx, prefix, wanted))
		require.NoError(t, r.records.RolledBack(), "a server that lost its way was taken for a store that went back")
	}
	operations := decisive(h.all(), len(replicas)*writers)
	t.Log(summary(operations))
	linearizable(t, operations)
	require.Equal(t, porcupine.Illegal, porcupine.CheckOperationsTimeout(register, settled(without(t, operations)), judgement),
		"a history with an acknowledged write taken out of it passes as well: the check proves nothing")
}

// decisive is a history without the reads of the replicas while things went wrong:
// NATS promises none for a server that was the leader and does not know yet that it
// is no more, and Skep decides nothing on a read but what a compare-and-swap then
// proves. The reads at the end, of the last client, stay: they see every write.
func decisive(operations []porcupine.Operation, last int) []porcupine.Operation {
	return slices.DeleteFunc(operations, func(o porcupine.Operation) bool {
		return o.Input.(request).verb == read && o.ClientId != last
	})
}

// without is a history without one of the writes that were acknowledged, and that a
// later one was decided on.
func without(t *testing.T, operations []porcupine.Operation) []porcupine.Operation {
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
	require.Fail(t, "nothing was written that anything was decided on")
	return nil
}
