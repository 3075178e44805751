package budget_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/budget"
)

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// writes are the plain writes of EC2: 50 at once and 5 a second, of which a block
// of two is left to what is drawn and not spent yet.
var writes = budget.FamilyOf("ec2", "CreateVpc")

// refill is what a budget reckons with: a hundredth less than AWS.
const refill = 5 * 0.99

func draw(l budget.Level, after time.Duration, d budget.Draw) (budget.Level, budget.Grant) {
	return l.Draw(writes, 1, noon.Add(after), d)
}

// drained is a bucket whose last token was drawn at noon.
func drained(t *testing.T) budget.Level {
	t.Helper()
	l, grant := draw(budget.Level{}, 0, budget.Draw{Tokens: 48, Priority: budget.Repair})
	require.Equal(t, 48, grant.Now)
	require.Zero(t, grant.RetryAfter)
	return l
}

func TestABucketOfWhichNothingIsKnownIsFull(t *testing.T) {
	t.Parallel()
	_, grant := draw(budget.Level{}, 0, budget.Draw{Tokens: 60, Priority: budget.Repair})
	require.Equal(t, 48, grant.Now)
	require.Equal(t, 2, grant.Later, "what comes within half a second is promised")
	require.InDelta(t, 1/refill, grant.Delay.Seconds(), 0.001)
	require.InDelta(t, 3/refill, grant.RetryAfter.Seconds(), 0.001)
}

func TestABucketRefillsAtItsRateAndNeverRunsOver(t *testing.T) {
	t.Parallel()
	l, grant := draw(drained(t), 2*time.Second, budget.Draw{Tokens: 20, Priority: budget.Repair})
	require.Equal(t, 9, grant.Now)
	require.InDelta(t, 9.9-9-3, l.Tokens, 0.01, "three are promised")
	_, grant = draw(l, time.Hour, budget.Draw{Tokens: 100, Priority: budget.Repair})
	require.Equal(t, 48, grant.Now)
}

func TestAPromiseIsKeptOnlyOnce(t *testing.T) {
	t.Parallel()
	l, first := draw(drained(t), 0, budget.Draw{Tokens: 10, Priority: budget.Repair})
	require.Equal(t, 2, first.Later)
	_, second := draw(l, 0, budget.Draw{Tokens: 10, Priority: budget.Repair})
	require.Zero(t, second.Now+second.Later)
	require.InDelta(t, 3/refill, second.RetryAfter.Seconds(), 0.001)
}

func TestAClockThatIsBehindRefillsNothing(t *testing.T) {
	t.Parallel()
	_, grant := draw(drained(t), -time.Hour, budget.Draw{Tokens: 1, Priority: budget.Repair})
	require.Zero(t, grant.Now)
}

func TestLowerPrioritiesLeaveSomethingOver(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		family   string
		priority budget.Priority
		want     int
	}{
		"a scan leaves half":                           {"CreateVpc", budget.Scan, 24},
		"a change leaves a tenth":                      {"CreateVpc", budget.Change, 44},
		"a repair leaves nothing":                      {"CreateVpc", budget.Repair, 48},
		"a change leaves at least one":                 {"CreateVpcEndpoint", budget.Change, 2},
		"a scan of a small bucket leaves at least one": {"CreateVpcEndpoint", budget.Scan, 2},
		"a repair takes all of a small bucket":         {"CreateVpcEndpoint", budget.Repair, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, grant := budget.Level{}.Draw(budget.FamilyOf("ec2", test.family), 1, noon, budget.Draw{Tokens: 100, Priority: test.priority})
			require.Equal(t, test.want, grant.Now)
		})
	}
}

func TestSpareTokensAreGrantedOfPlentyOnly(t *testing.T) {
	t.Parallel()
	l, grant := draw(budget.Level{}, 0, budget.Draw{Tokens: 1, Spare: 5, Priority: budget.Change})
	require.Equal(t, 6, grant.Now)
	_, grant = draw(l, 0, budget.Draw{Tokens: 20, Spare: 5, Priority: budget.Change})
	require.Equal(t, 20, grant.Now, "half of the bucket is gone")
}

func TestAThrottleHalvesTheRefillAndMinutesBringItBack(t *testing.T) {
	t.Parallel()
	l, grant := draw(budget.Level{}, 0, budget.Draw{Throttles: 3})
	require.Zero(t, grant.Now)
	require.Zero(t, l.Tokens, "AWS's bucket is empty")
	require.InDelta(t, 0.5, l.ShareAt(noon), 1e-9, "three at once are one")
	l, _ = draw(l, 500*time.Millisecond, budget.Draw{Throttles: 1})
	require.InDelta(t, 0.5, l.ShareAt(noon), 0.01, "so is the one that was under way")
	l, _ = draw(l, 10*time.Second, budget.Draw{Throttles: 1})
	require.InDelta(t, 0.25, l.ShareAt(noon.Add(10*time.Second)), 0.01)
	require.InDelta(t, 0.45, l.ShareAt(noon.Add(130*time.Second)), 0.01)
	require.InDelta(t, 1, l.ShareAt(noon.Add(10*time.Minute)), 1e-9)
	for i := range 20 {
		l, _ = draw(l, 11*time.Minute+time.Duration(i)*2*time.Second, budget.Draw{Throttles: 1})
	}
	require.InDelta(t, 1.0/16, l.ShareAt(l.Time), 0.01, "and never stops")
}

func TestTheNameOfABudgetLeadsBackToIt(t *testing.T) {
	t.Parallel()
	for _, bucket := range []budget.Bucket{
		{Account: "organizations/demo/accounts/main", Region: "eu-central-1", Service: "ec2", Family: "CreateVpc"},
		{Account: budget.Installation, Region: budget.Global, Service: "iam", Family: "all"},
	} {
		require.Equal(t, bucket, budget.BucketOf(bucket.Budget(), bucket.Family))
	}
	require.Equal(t, budget.Bucket{}, budget.BucketOf("nonsense", "all"))
}
