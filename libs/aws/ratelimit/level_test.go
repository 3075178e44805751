package ratelimit_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/aws/ratelimit"
	"github.com/skep-dev/skep/libs/platform/callcontext"
)

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// writes is the family of the plain writes of EC2: burst 50, refill 5 per second. A block of two tokens is reserved
// for drawn, unspent tokens.
var writes = ratelimit.FamilyOf("ec2", "CreateVpc")

// refill is the refill of a budget: 1 % below the refill of AWS.
const refill = 5 * 0.99

func draw(l ratelimit.Level, after time.Duration, d ratelimit.Draw) (ratelimit.Level, ratelimit.Grant) {
	return l.Draw(writes, 1, noon.Add(after), d)
}

// drained returns a bucket whose last token was drawn at noon.
func drained(t *testing.T) ratelimit.Level {
	t.Helper()
	l, grant := draw(ratelimit.Level{}, 0, ratelimit.Draw{Tokens: 48, Priority: callcontext.Repair})
	require.Equal(t, 48, grant.Now)
	require.Zero(t, grant.RetryAfter)
	return l
}

func TestAnUnknownBucketIsFull(t *testing.T) {
	t.Parallel()
	_, grant := draw(ratelimit.Level{}, 0, ratelimit.Draw{Tokens: 60, Priority: callcontext.Repair})
	require.Equal(t, 48, grant.Now)
	require.Equal(t, 2, grant.Later, "tokens of the next half second are promised")
	require.InDelta(t, 1/refill, grant.Delay.Seconds(), 0.001)
	require.InDelta(t, 3/refill, grant.RetryAfter.Seconds(), 0.001)
}

func TestABucketRefillsAtItsRateUpToItsCapacity(t *testing.T) {
	t.Parallel()
	l, grant := draw(drained(t), 2*time.Second, ratelimit.Draw{Tokens: 20, Priority: callcontext.Repair})
	require.Equal(t, 9, grant.Now)
	require.InDelta(t, 9.9-9-3, l.Tokens, 0.01, "three are promised")
	_, grant = draw(l, time.Hour, ratelimit.Draw{Tokens: 100, Priority: callcontext.Repair})
	require.Equal(t, 48, grant.Now)
}

func TestATokenIsPromisedOnlyOnce(t *testing.T) {
	t.Parallel()
	l, first := draw(drained(t), 0, ratelimit.Draw{Tokens: 10, Priority: callcontext.Repair})
	require.Equal(t, 2, first.Later)
	_, second := draw(l, 0, ratelimit.Draw{Tokens: 10, Priority: callcontext.Repair})
	require.Zero(t, second.Now+second.Later)
	require.InDelta(t, 3/refill, second.RetryAfter.Seconds(), 0.001)
}

func TestAClockThatIsBehindRefillsNothing(t *testing.T) {
	t.Parallel()
	_, grant := draw(drained(t), -time.Hour, ratelimit.Draw{Tokens: 1, Priority: callcontext.Repair})
	require.Zero(t, grant.Now)
}

func TestLowerPrioritiesLeaveAReserve(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		family   string
		priority callcontext.Priority
		want     int
	}{
		"a scan leaves half":                           {"CreateVpc", callcontext.Scan, 24},
		"a change leaves a tenth":                      {"CreateVpc", callcontext.Change, 44},
		"a repair leaves nothing":                      {"CreateVpc", callcontext.Repair, 48},
		"a change leaves at least one":                 {"CreateVpcEndpoint", callcontext.Change, 2},
		"a scan of a small bucket leaves at least one": {"CreateVpcEndpoint", callcontext.Scan, 2},
		"a repair takes all of a small bucket":         {"CreateVpcEndpoint", callcontext.Repair, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, grant := ratelimit.Level{}.Draw(ratelimit.FamilyOf("ec2", test.family), 1, noon, ratelimit.Draw{Tokens: 100, Priority: test.priority})
			require.Equal(t, test.want, grant.Now)
		})
	}
}

func TestSpareTokensComeOnlyFromAMoreThanHalfFullBucket(t *testing.T) {
	t.Parallel()
	l, grant := draw(ratelimit.Level{}, 0, ratelimit.Draw{Tokens: 1, Spare: 5, Priority: callcontext.Change})
	require.Equal(t, 6, grant.Now)
	_, grant = draw(l, 0, ratelimit.Draw{Tokens: 20, Spare: 5, Priority: callcontext.Change})
	require.Equal(t, 20, grant.Now, "the bucket is no more than half full")
}

func TestAThrottleHalvesTheRefillForMinutes(t *testing.T) {
	t.Parallel()
	l, grant := draw(ratelimit.Level{}, 0, ratelimit.Draw{Throttles: 3})
	require.Zero(t, grant.Now)
	require.Zero(t, l.Tokens, "the bucket of AWS is empty")
	require.InDelta(t, 0.5, l.ShareAt(noon), 1e-9, "three throttles at once count as one")
	l, _ = draw(l, 500*time.Millisecond, ratelimit.Draw{Throttles: 1})
	require.InDelta(t, 0.5, l.ShareAt(noon), 0.01, "a throttle within a second does not count again")
	l, _ = draw(l, 10*time.Second, ratelimit.Draw{Throttles: 1})
	require.InDelta(t, 0.25, l.ShareAt(noon.Add(10*time.Second)), 0.01)
	require.InDelta(t, 0.45, l.ShareAt(noon.Add(130*time.Second)), 0.01)
	require.InDelta(t, 1, l.ShareAt(noon.Add(10*time.Minute)), 1e-9)
	for i := range 20 {
		l, _ = draw(l, 11*time.Minute+time.Duration(i)*2*time.Second, ratelimit.Draw{Throttles: 1})
	}
	require.InDelta(t, 1.0/16, l.ShareAt(l.Time), 0.01, "the refill never stops")
}

func TestBucketOfParsesTheNameOfABudget(t *testing.T) {
	t.Parallel()
	for _, bucket := range []ratelimit.Bucket{
		{Account: "organizations/demo/accounts/main", Region: "eu-central-1", Service: "ec2", Family: "CreateVpc"},
		{Account: ratelimit.Installation, Region: ratelimit.Global, Service: "iam", Family: "all"},
	} {
		require.Equal(t, bucket, ratelimit.BucketOf(bucket.Budget(), bucket.Family))
	}
	require.Equal(t, ratelimit.Bucket{}, ratelimit.BucketOf("nonsense", "all"))
}
