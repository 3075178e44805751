package cluster_test

import (
	"math/rand/v2"
	"syscall"
	"testing"
)

// failure is a failure of servers while replicas write.
type failure struct {
	name string
	// start starts the failure and returns the function that ends it.
	start func(t *testing.T, s *servers) (end func())
	// stopsWrites means that no replica can write until the failure ends.
	stopsWrites bool
}

// isolations disconnect a running server from the others.
var isolations = []failure{
	{name: "the leader is isolated", start: func(t *testing.T, s *servers) func() { return isolated(s, s.leader(t, owner, "KV_"+bucket)) }},
	{name: "another server is isolated", start: func(t *testing.T, s *servers) func() { return isolated(s, other(t, s)) }},
}

// failures are all failures. A run without -for runs the first minimumFailures of them.
var failures = []failure{
	{name: "the leader is killed", start: func(t *testing.T, s *servers) func() { return killed(s, s.leader(t, owner, "KV_"+bucket)) }},
	isolations[0],
	{name: "all are killed at once", stopsWrites: true, start: func(_ *testing.T, s *servers) func() {
		for i := range size {
			s.all[i].Kill()
		}
		return func() {
			for i := range size {
				s.start(i)
			}
		}
	}},
	{name: "another server is killed", start: func(t *testing.T, s *servers) func() { return killed(s, other(t, s)) }},
	isolations[1],
	{name: "the leader is paused", start: func(t *testing.T, s *servers) func() {
		i := s.leader(t, owner, "KV_"+bucket)
		s.all[i].Signal(t, syscall.SIGSTOP)
		return func() { s.all[i].Signal(t, syscall.SIGCONT) }
	}},
}

const minimumFailures = 3

// killed kills a server and returns the function that restarts it on its files.
func killed(s *servers, i int) func() {
	s.all[i].Kill()
	return func() { s.start(i) }
}

// isolated isolates a server and returns the function that connects it again.
func isolated(s *servers, i int) func() {
	s.isolate(i, true)
	return func() { s.isolate(i, false) }
}

// other returns a random server that does not lead the stream.
func other(t *testing.T, s *servers) int {
	t.Helper()
	return (s.leader(t, owner, "KV_"+bucket) + 1 + rand.IntN(size-1)) % size
}
