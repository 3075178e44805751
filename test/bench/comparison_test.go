package bench_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// comparison is a thing of Skep beside the barest thing that does the same.
type comparison struct{ limit, subject func() error }

// How long a duel is: rounds to take the median of, and calls of each side in a
// round. The first calls, which build connections and fill pools, count for nothing.
const (
	rounds     = 15
	roundCalls = 400
	warmCalls  = 500
)

// verdict is what a duel came to.
type verdict struct {
	// Ratio is the median over the rounds of the ratio of the medians.
	Ratio float64
	// Limit and Subject are the medians over all rounds.
	Limit, Subject time.Duration
	// Undisturbed is the median over the rounds of the ratio of the fastest tenths:
	// what is left of the ratio where the machine was not busy with something else.
	Undisturbed float64
}

func (v verdict) String() string {
	return fmt.Sprintf("p50 %s ÷ %s; at p10 %.2f", v.Subject.Round(time.Microsecond/10), v.Limit.Round(time.Microsecond/10), v.Undisturbed)
}

// measure calls both sides in turn, so that whatever slows the machine slows both.
func (d comparison) measure(t *testing.T) verdict {
	t.Helper()
	for range warmCalls {
		require.NoError(t, d.limit())
		require.NoError(t, d.subject())
	}
	var ratios, undisturbed []float64
	var limits, subjects []time.Duration
	for range rounds {
		var limit, subject []time.Duration
		for range roundCalls {
			limit = append(limit, took(t, d.limit))
			subject = append(subject, took(t, d.subject))
		}
		ratios = append(ratios, median(subject).Seconds()/median(limit).Seconds())
		undisturbed = append(undisturbed, subject[len(subject)/10].Seconds()/limit[len(limit)/10].Seconds())
		limits, subjects = append(limits, median(limit)), append(subjects, median(subject))
	}
	return verdict{Ratio: median(ratios), Limit: median(limits), Subject: median(subjects), Undisturbed: median(undisturbed)}
}

// took is how long a call takes.
func took(t *testing.T, call func() error) time.Duration {
	t.Helper()
	began := time.Now()
	err := call()
	lasted := time.Since(began)
	require.NoError(t, err)
	return lasted
}

// median is the middle of values, which it sorts.
func median[T time.Duration | float64](values []T) T {
	slices.Sort(values)
	return values[len(values)/2]
}
