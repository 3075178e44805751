// Package bench measures the speed and the size of Skep: rows of figures, each with its
// theoretical limit and its target.
//
// Figures are ratios or counts where possible, so that they can be compared across
// machines. Rows in virtual time are exact. Rows in real time compare Skep with the simplest
// implementation of the same work, in alternating calls in one process, so that other load of the
// machine slows both; the figure is their ratio. Each row is one test and runs in its own
// process. `make bench` runs all rows; only its command and the tests import this package.
package bench

import (
	"fmt"
	"math"
)

// Figure is one measured value.
type Figure struct {
	// Row is the name of its row; see Rows.
	Row string `json:"row"`
	// Name says what was measured.
	Name string `json:"name"`
	// Value is the result in Unit; without a unit it is a ratio.
	Value float64 `json:"value"`
	Unit  string  `json:"unit,omitempty"`
	// Limit is the theoretical best value; nil if there is none.
	Limit *float64 `json:"limit,omitempty"`
	// Target is the largest or smallest acceptable value; nil means that the figure is only
	// informative.
	Target *Target `json:"target,omitempty"`
	// Peer is the value of another tool, with its source.
	Peer string `json:"peer,omitempty"`
	// Detail shows how the value was computed.
	Detail string `json:"detail,omitempty"`
}

// Target is the value that a figure must reach.
type Target struct {
	// Value is the worst acceptable value.
	Value float64 `json:"value"`
	// HigherIsBetter makes Value a minimum; otherwise it is a maximum.
	HigherIsBetter bool `json:"higherIsBetter,omitempty"`
}

// AtMost returns a target with a maximum.
func AtMost(value float64) *Target { return &Target{Value: value} }

// AtLeast returns a target with a minimum.
func AtLeast(value float64) *Target { return &Target{Value: value, HigherIsBetter: true} }

// Limit returns a pointer to a theoretical best value, for Figure.Limit.
func Limit(value float64) *float64 { return &value }

// OnTarget reports whether the figure reaches its target. Without a target it returns true.
func (f Figure) OnTarget() bool {
	switch {
	case f.Target == nil:
		return true
	case f.Target.HigherIsBetter:
		return f.Value >= f.Target.Value
	default:
		return f.Value <= f.Target.Value
	}
}

// String returns the target as the table shows it.
func (r *Target) String() string {
	switch {
	case r == nil:
		return ""
	case r.HigherIsBetter:
		return "≥ " + number(r.Value)
	default:
		return "≤ " + number(r.Value)
	}
}

// number formats a value with two or three significant digits.
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
