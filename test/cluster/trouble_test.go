package cluster_test

import (
	"math/rand/v2"
	"syscall"
	"testing"
)

// trouble is something that befalls servers while replicas write.
type trouble struct {
	name string
	// befall makes it, and returns what ends it.
	befall func(t *testing.T, s *servers) (end func())
	// stops says that nobody can write until it ends.
	stops bool
}

// cuts leave a server that runs and is reached by no other.
var cuts = []trouble{
	{name: "the leader is cut off", befall: func(t *testing.T, s *servers) func() { return isolated(s, s.leader(t, owner, "KV_"+bucket)) }},
	{name: "another server is cut off", befall: func(t *testing.T, s *servers) func() { return isolated(s, other(t, s)) }},
}

// troubles are all that is tried, and the first few of them in a brief run.
var troubles = []trouble{
	{name: "the leader is killed", befall: func(t *testing.T, s *servers) func() { return killed(s, s.leader(t, owner, "KV_"+bucket)) }},
	cuts[0],
	{name: "all are killed at once", stops: true, befall: func(_ *testing.T, s *servers) func() {
		for i := range size {
			s.all[i].Kill()
		}
		return func() {
			for i := range size {
				s.start(i)
			}
		}
	}},
	{name: "another server is killed", befall: func(t *testing.T, s *servers) func() { return killed(s, other(t, s)) }},
	cuts[1],
	{name: "the leader stands still", befall: func(t *testing.T, s *servers) func() {
		i := s.leader(t, owner, "KV_"+bucket)
		s.all[i].Signal(t, syscall.SIGSTOP)
		return func() { s.all[i].Signal(t, syscall.SIGCONT) }
	}},
}

const brief = 3

// killed kills a server; in the end it is started again on its files.
func killed(s *servers, i int) func() {
	s.all[i].Kill()
	return func() { s.start(i) }
}

// isolated cuts a server off.
func isolated(s *servers, i int) func() {
	s.isolate(i, true)
	return func() { s.isolate(i, false) }
}

// other is a server that does not lead the stream.
func other(t *testing.T, s *servers) int {
	t.Helper()
	return (s.leader(t, owner, "KV_"+bucket) + 1 + rand.IntN(size-1)) % size
}
