package bench_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// comparison is an operation of Skep and the simplest implementation of the same operation.
type comparison struct{ limit, subject func() error }

// The size of a comparison: the rounds, the calls of each side in a round, and the calls
// before the first round, which open connections and fill pools and are not measured.
const (
	rounds     = 15
	roundCalls = 400
	warmCalls  = 500
)

// verdict is the result of a comparison.
type verdict struct {
	// Ratio is the median over the rounds of the ratio of the medians.
	Ratio float64
	// Limit and Subject are the medians over all rounds.
	Limit, Subject time.Duration
	// Undisturbed is the median over the rounds of the ratio of the 10th percentiles: the
	// ratio while the machine has no other load.
	Undisturbed float64
}

func (v verdict) String() string {
	return fmt.Sprintf("p50 %s ÷ %s; at p10 %.2f", v.Subject.Round(time.Microsecond/10), v.Limit.Round(time.Microsecond/10), v.Undisturbed)
}

// measure calls both sides in turn, so that other load of the machine slows both.
func (c comparison) measure(t *testing.T) verdict {
	t.Helper()
	for range warmCalls {
		require.NoError(t, c.limit())
		require.NoError(t, c.subject())
	}
	var ratios, undisturbed []float64
	var limits, subjects []time.Duration
	for range rounds {
		var limit, subject []time.Duration
		for range roundCalls {
			limit = append(limit, took(t, c.limit))
			subject = append(subject, took(t, c.subject))
		}
		ratios = append(ratios, median(subject).Seconds()/median(limit).Seconds())
		undisturbed = append(undisturbed, subject[len(subject)/10].Seconds()/limit[len(limit)/10].Seconds())
		limits, subjects = append(limits, median(limit)), append(subjects, median(subject))
	}
	return verdict{Ratio: median(ratios), Limit: median(limits), Subject: median(subjects), Undisturbed: median(undisturbed)}
}

// took returns the duration of a call.
func took(t *testing.T, call func() error) time.Duration {
	t.Helper()
	began := time.Now()
	err := call()
	duration := time.Since(began)
	require.NoError(t, err)
	return duration
}

// median sorts the values and returns the middle one.
func median[T time.Duration | float64](values []T) T {
	slices.Sort(values)
	return values[len(values)/2]
}
