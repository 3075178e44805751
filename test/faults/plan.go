package faults

import (
	"fmt"
	"hash/fnv"
	"slices"
)

// repeatLimit is the number of first occurrences of a read or store write that get faults;
// the last occurrence gets them too. Repeated polls are alike.
const repeatLimit = 2

// Every returns one run for each event of a scenario and each kind of fault of the event.
// Occurrences of a read or store write between the second and the last are left out.
func Every(s *Scenario, trace []Event) []Run {
	last := make(map[Site]int)
	for _, e := range trace {
		last[e.Site] = e.N
	}
	var runs []Run
	for _, e := range trace {
		if repeats := !e.Mutating || e.store(); repeats && e.N > repeatLimit && e.N < last[e.Site] {
			continue
		}
		for _, kind := range Kinds(e) {
			runs = append(runs, Run{Scenario: s, Plan: []Injection{{e, kind}}})
		}
	}
	return runs
}

// Spread selects n of the runs, as evenly as possible over the kinds of faults and the
// operations. The same seed selects the same runs.
func Spread(runs []Run, n int, seed uint64) []Run {
	groups := make(map[string][]Run)
	var names []string
	for _, r := range runs {
		last := r.Plan[len(r.Plan)-1]
		name := fmt.Sprint(last.Kind, last.Service, last.Operation)
		if groups[name] == nil {
			names = append(names, name)
		}
		groups[name] = append(groups[name], r)
	}
	for _, group := range groups {
		slices.SortStableFunc(group, func(a, b Run) int { return compare(a.String(), b.String(), seed) })
	}
	slices.SortFunc(names, func(a, b string) int { return compare(a, b, seed) })
	var picked []Run
	for round := 0; len(picked) < n && round < len(runs); round++ {
		for _, name := range names {
			if round < len(groups[name]) && len(picked) < n {
				picked = append(picked, groups[name][round])
			}
		}
	}
	return picked
}

// compare orders names in a random order that the seed determines.
func compare(a, b string, seed uint64) int {
	ha, hb := draw(a, seed), draw(b, seed)
	switch {
	case ha < hb:
		return -1
	case ha > hb:
		return 1
	}
	return 0
}

// draw returns a number that depends only on the name and the seed.
func draw(name string, seed uint64) uint64 {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%d/%s", seed, name)
	x := h.Sum64()
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	return x ^ x>>33
}
