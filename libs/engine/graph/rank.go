package graph

import (
	"cmp"
	"slices"
	"time"
)

// callLatency is the approximate duration of an AWS call. It makes a long chain of fast resources
// outrank a short one.
const callLatency = 250 * time.Millisecond

// rank sets the rank of each step: the time from its start until all of its direct and indirect
// dependents have settled, which is the rest of the critical path. It returns the steps with the
// highest rank first.
func rank(steps []*step) []*step {
	dependents := make(map[string][]*step)
	for _, s := range steps {
		for _, need := range s.after {
			dependents[need] = append(dependents[need], s)
		}
	}
	ranked := make(map[*step]bool, len(steps))
	var of func(s *step) time.Duration
	of = func(s *step) time.Duration {
		if ranked[s] {
			return s.rank
		}
		ranked[s] = true
		for _, dependent := range dependents[s.Name] {
			s.rank = max(s.rank, of(dependent))
		}
		s.rank += s.takes + callLatency
		return s.rank
	}
	for _, s := range steps {
		of(s)
	}
	return slices.SortedStableFunc(slices.Values(steps), func(a, b *step) int { return cmp.Compare(b.rank, a.rank) })
}
