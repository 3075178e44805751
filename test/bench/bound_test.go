package bench_test

import (
	"math"
	"slices"
	"time"

	"github.com/skep-dev/skep/cli/critical"
	awssim "github.com/skep-dev/skep/libs/sim/aws"
)

// bound is the shortest time in which AWS allows the concurrent creates of n clusters.
type bound struct {
	// Length is the time. Bucket is the token bucket that determines it, or "" for the
	// critical path of one cluster.
	Length time.Duration
	Bucket string
}

// demand is the number of calls that one cluster makes against one token bucket.
type demand struct {
	awssim.APILimit
	calls int
	// head is the earliest start of one of the calls; tail is the shortest time from the
	// last of them to the end of the create.
	head, tail time.Duration
}

// boundOf computes the bound from the plan and the mutating calls of one cluster. A bucket
// admits the last of its calls at head + (calls - burst) ÷ refill or later, and the steps
// after that call take tail. Reads are left out: clusters can share them.
func boundOf(n int, steps []critical.Step, path critical.Path, calls []awssim.Call) bound {
	longest := bound{Length: path.Length}
	for _, d := range demands(steps, calls) {
		wait := max(0, float64(n*d.calls)-d.Burst) / d.Refill
		if length := d.head + time.Duration(wait*float64(time.Second)) + d.tail; length > longest.Length {
			longest = bound{Length: length, Bucket: d.Name}
		}
	}
	return longest
}

// demands sums the calls by bucket.
func demands(steps []critical.Step, calls []awssim.Call) []demand {
	found := make(map[string]*demand)
	var all []demand
	for _, call := range calls {
		for _, allowance := range awssim.Allowances(call.Service, call.Operation) {
			d := found[allowance.Name]
			if d == nil {
				d = &demand{APILimit: allowance, head: math.MaxInt64, tail: math.MaxInt64}
				found[allowance.Name] = d
			}
			d.calls++
			for _, step := range steps {
				if slices.Contains(step.Calls, call.Operation) {
					d.head, d.tail = min(d.head, step.Start), min(d.tail, step.Rest)
				}
			}
		}
	}
	for _, d := range found {
		if d.head == math.MaxInt64 {
			d.head, d.tail = 0, 0 // No step of the plan makes a call against this bucket.
		}
		all = append(all, *d)
	}
	return all
}
