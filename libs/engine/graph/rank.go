package graph

import (
	"cmp"
	"slices"
	"time"
)

// callLatency is about how long a call to the cloud takes. It makes a long chain of quick
// things outrank a short one.
const callLatency = 250 * time.Millisecond

// rank gives each step its rank: how long it takes from there until all that waits
// for it has settled, which is the rest of the critical path. It returns the steps
// in that order, those on the longest path first.
func rank(steps []*step) []*step {
	waiting := make(map[string][]*step)
	for _, s := range steps {
		for _, before := range s.after {
			waiting[before] = append(waiting[before], s)
		}
	}
	ranked := make(map[*step]bool, len(steps))
	var of func(s *step) time.Duration
	of = func(s *step) time.Duration {
		if ranked[s] {
			return s.rank
		}
		ranked[s] = true
		for _, later := range waiting[s.Name] {
			s.rank = max(s.rank, of(later))
		}
		s.rank += s.takes + callLatency
		return s.rank
	}
	for _, s := range steps {
		of(s)
	}
	return slices.SortedStableFunc(slices.Values(steps), func(a, b *step) int { return cmp.Compare(b.rank, a.rank) })
}
