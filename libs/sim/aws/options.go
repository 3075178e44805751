package aws

import "time"

// TypicalSpread is the spread of latencies that resembles AWS: a fifth to either side of the median.
const TypicalSpread = 0.2

// Options says how a World behaves. The zero value is a world in memory, in real time, without spread or lag.
type Options struct {
	// Seed decides ids and the spread of latencies. Equal seeds and equal orders of calls give equal worlds.
	Seed uint64

	// Scale is how many times faster than AWS the world lives: 20 makes 15 minutes 45 seconds. It divides latencies and
	// lags, and multiplies the refill of API budgets. Zero or less means 1.
	Scale float64

	// Spread is how far a latency may lie from its median, as a fraction of it: 0 is exactly the median, TypicalSpread
	// is like AWS.
	Spread float64

	// Lag is how long a created thing stays invisible to reads, whether asked for by id or by filter. AWS advises to
	// allow for up to five minutes.
	// https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html
	Lag time.Duration

	// TagLag is how long a created thing stays invisible to reads that filter by tag. Less than Lag means Lag.
	TagLag time.Duration

	// TagGhosts is how long the tagging API goes on listing what is no more. People have seen terminated instances for an
	// hour and other things for days.
	// https://github.com/aws/aws-sdk/issues/302
	TagGhosts time.Duration

	// Quotas overrides service quotas by name; see quota.go for the names and what holds otherwise.
	Quotas map[string]int

	// Journal is the path of the file that the world is kept in. Empty means memory only. A world that was killed at any
	// moment is found again as it was after the last call that it answered, or the one after.
	Journal string
}
