package bench_test

import (
	"math"
	"slices"
	"time"

	"github.com/skep-dev/skep/cli/critical"
	awssim "github.com/skep-dev/skep/libs/sim/aws"
)

// bound is the least time in which AWS lets so many clusters be made at once.
type bound struct {
	// Length is the time, Bucket the token bucket that decides it, "" if it is the
	// critical path of a single cluster.
	Length time.Duration
	Bucket string
}

// draw is what the clusters take from one token bucket.
type draw struct {
	awssim.Allowance
	calls int
	// head is how soon any of its calls can be made; tail how long after the last
	// of them a cluster takes at least.
	head, tail time.Duration
}

// boundOf computes the bound from the plan of one cluster and the mutating calls
// that making it took. A bucket that refills so many tokens a second lets the last
// of its calls through no sooner than head + (calls - burst) ÷ refill, and what
// comes after that call takes its tail. Reads are left out: none of them has to be
// made for every cluster.
func boundOf(n int, steps []critical.Step, path critical.Path, calls []awssim.Call) bound {
	longest := bound{Length: path.Length}
	for _, d := range draws(steps, calls) {
		wait := max(0, float64(n*d.calls)-d.Burst) / d.Refill
		if length := d.head + time.Duration(wait*float64(time.Second)) + d.tail; length > longest.Length {
			longest = bound{Length: length, Bucket: d.Name}
		}
	}
	return longest
}

// draws sums the calls by bucket.
func draws(steps []critical.Step, calls []awssim.Call) []draw {
	found := make(map[string]*draw)
	var all []draw
	for _, call := range calls {
		for _, allowance := range awssim.Allowances(call.Service, call.Operation) {
			d := found[allowance.Name]
			if d == nil {
				d = &draw{Allowance: allowance, head: math.MaxInt64, tail: math.MaxInt64}
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
			d.head, d.tail = 0, 0 // No thing of the plan is known to be made by it.
		}
		all = append(all, *d)
	}
	return all
}
