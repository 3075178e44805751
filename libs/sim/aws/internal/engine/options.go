package engine

import "time"

// Options configures an Engine. The zero value is an engine in memory, in real time, without spread or lag.
type Options struct {
	// Seed determines ids and the spread of latencies. Equal seeds and equal orders of calls give equal results.
	Seed uint64

	// Scale is the factor by which the simulation runs faster than AWS: with 20, 15 minutes take 45 seconds. It divides
	// latencies and lags, and multiplies the refill rate of API limits. Zero or less means 1.
	Scale float64

	// Spread is how far a latency may lie from its median, as a fraction of the median. 0 means exactly the median;
	// TypicalSpread resembles AWS.
	Spread float64

	// Lag is the time for which a new resource stays invisible to reads, by id and by filter. AWS advises callers to allow for up
	// to five minutes.
	// https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html
	Lag time.Duration

	// TagLag is the time for which a new resource stays invisible to reads that filter by tag. The larger of Lag and TagLag
	// applies.
	TagLag time.Duration

	// TagRetention is the time for which the tagging API lists a deleted resource. Users report one hour for terminated
	// instances, and days for other resources.
	// https://github.com/aws/aws-sdk/issues/302
	TagRetention time.Duration

	// Quotas overrides service quotas by name. The package of each service lists names and defaults in service.go.
	Quotas map[string]int

	// Journal is the path of the file that keeps the state. Empty means memory only. After the process is killed, the
	// next engine with the same journal has the state after the last answered call, or after the call that was running.
	Journal string
}

// TypicalSpread is a spread that resembles AWS: a fifth of the median to either side.
const TypicalSpread = 0.2
