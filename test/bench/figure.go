// Package bench is the instrument that Skep's speed and size are measured with:
// rows of figures, each beside what cannot be beaten and what is to be reached.
//
// Every figure is a ratio or a count, so that it means the same on any machine.
// Rows in virtual time are exact. Rows in real time set Skep against the barest
// thing that does the same work, call by call in turn, in one process and one
// run, so that a noisy machine slows both; only their relation is told. Each row
// is a test of its own and runs in a process of its own. `make bench` runs all of
// them; only it and the tests import this package.
package bench

import (
	"fmt"
	"math"
)

// Figure is one thing measured.
type Figure struct {
	// Row is the row it belongs to; see Rows.
	Row string `json:"row"`
	// What says what is measured.
	What string `json:"what"`
	// Value is what came out, in Unit; without a unit it is a ratio.
	Value float64 `json:"value"`
	Unit  string  `json:"unit,omitempty"`
	// Limit is the value that nothing can better.
	Limit *float64 `json:"limit,omitempty"`
	// Reach is the value to reach, at most or at least.
	Reach *Reach `json:"reach,omitempty"`
	// Peer is what another tool does, and where that was seen.
	Peer string `json:"peer,omitempty"`
	// Detail is what the value was made of.
	Detail string `json:"detail,omitempty"`
}

// Reach is a value to reach.
type Reach struct {
	// Value is the worst that is good enough.
	Value float64 `json:"value"`
	// More says that a greater figure is a better one.
	More bool `json:"more,omitempty"`
}

// AtMost is the reach of a figure that ought to be small.
func AtMost(value float64) *Reach { return &Reach{Value: value} }

// AtLeast is the reach of a figure that ought to be great.
func AtLeast(value float64) *Reach { return &Reach{Value: value, More: true} }

// Limit is a value that nothing can better.
func Limit(value float64) *float64 { return &value }

// Reached says whether the figure is as good as it ought to be. A figure without a
// reach is for information and always is.
func (f Figure) Reached() bool {
	switch {
	case f.Reach == nil:
		return true
	case f.Reach.More:
		return f.Value >= f.Reach.Value
	default:
		return f.Value <= f.Reach.Value
	}
}

// String is the reach as the table shows it.
func (r *Reach) String() string {
	switch {
	case r == nil:
		return ""
	case r.More:
		return "≥ " + number(r.Value)
	default:
		return "≤ " + number(r.Value)
	}
}

// number writes a value with as many digits as it is good for.
func number(v float64) string {
	switch size := math.Abs(v); {
	case v == math.Trunc(v) && size < 1e6:
		return fmt.Sprintf("%.0f", v)
	case size >= 100:
		return fmt.Sprintf("%.0f", v)
	case size >= 10:
		return fmt.Sprintf("%.1f", v)
	case size >= 0.1:
		return fmt.Sprintf("%.2f", v)
	default:
		return fmt.Sprintf("%.3g", v)
	}
}
