package api

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"
	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"

	"github.com/skep-dev/skep/libs/aws/ratelimit"
)

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// at returns the token bucket of CreateVpc at a time after noon.
func at(s *recordv1.TokenBucketState, after time.Duration) tokenBucket {
	return tokenBucket{TokenBucketState: s, figures: ratelimit.FamilyOf("ec2", "CreateVpc"), pace: 1, now: noon.Add(after)}
}

// request returns a draw of a replica, with a different owner for each token.
func request(replica string, tokens, waiting int32) *identityv1.DrawBudgetRequest {
	in := &identityv1.DrawBudgetRequest{Service: "network", Replica: replica, Tokens: tokens, WaitingCount: waiting, Priority: identityv1.Budget_REPAIR}
	for i := range tokens {
		in.Owners = append(in.Owners, fmt.Sprintf("organizations/demo/networks/c%d", i))
	}
	return in
}

func TestADrawIsCountedForTheLastMinuteAndHour(t *testing.T) {
	t.Parallel()
	s := new(recordv1.TokenBucketState)
	for i := range 10 {
		_, changed := at(s, time.Duration(i)*10*time.Second).draw(request("one", 2, 0))
		require.True(t, changed)
	}
	shown := at(s, 100*time.Second).render()
	require.InDelta(t, 12, shown.GetLastMinuteCount(), 3)
	require.EqualValues(t, 20, shown.GetLastHourCount())
	require.Len(t, shown.GetConsumers(), 2)
	require.EqualValues(t, 10, shown.GetConsumers()[0].GetLastHourCount())
	require.Zero(t, at(s, 3*time.Minute).render().GetLastMinuteCount())
	require.InDelta(t, 10, at(s, 90*time.Minute).render().GetLastHourCount(), 1, "half of the hour has passed")
	require.Zero(t, at(s, 2*time.Hour).render().GetLastHourCount())
}

func TestOnlyTheLargestConsumersAreStored(t *testing.T) {
	t.Parallel()
	s := new(recordv1.TokenBucketState)
	for i := range 40 {
		in := request("one", 1, 0)
		if i%3 > 0 {
			in.Owners[0] = fmt.Sprintf("organizations/demo/networks/other%d", i)
		}
		at(s, time.Duration(i)*time.Second).draw(in)
	}
	shown := at(s, time.Minute).render()
	require.Len(t, shown.GetConsumers(), maxConsumers)
	require.Equal(t, "organizations/demo/networks/c0", shown.GetConsumers()[0].GetOwner())
	require.EqualValues(t, 14, shown.GetConsumers()[0].GetLastHourCount())
}

func TestARefusedDrawIsStoredOnlyIfTheQueueChanged(t *testing.T) {
	t.Parallel()
	s := new(recordv1.TokenBucketState)
	at(s, 0).draw(request("one", 60, 60))
	for name, test := range map[string]struct {
		replica string
		waiting int32
		after   time.Duration
		want    bool
	}{
		"the queue is about as long":  {"one", 50, 0, false},
		"the queue is much shorter":   {"one", 5, 0, true},
		"the last report is old":      {"one", 60, 40 * time.Second, true},
		"another replica has a queue": {"two", 1, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fresh := proto.CloneOf(s)
			fresh.Level = -1000
			grant, changed := at(fresh, test.after).draw(request(test.replica, 1, test.waiting))
			require.NotZero(t, grant.RetryAfter)
			require.Equal(t, test.want, changed)
		})
	}
}

func TestAGrantHasTheQueueLengthOfOtherReplicas(t *testing.T) {
	t.Parallel()
	s := new(recordv1.TokenBucketState)
	grant, _ := at(s, 0).draw(request("one", 60, 300))
	require.Zero(t, grant.Others)
	grant, _ = at(s, 0).draw(request("two", 1, 100))
	require.Equal(t, 300, grant.Others)
	require.EqualValues(t, 400, at(s, time.Second).render().GetWaitingCount())
	require.Zero(t, at(s, 2*time.Minute).render().GetWaitingCount(), "the reports are too old")
}

func TestAFullUnusedBucketIsNotStored(t *testing.T) {
	t.Parallel()
	s := new(recordv1.TokenBucketState)
	at(s, 0).draw(request("one", 1, 0))
	require.False(t, at(s, time.Hour).isDefault())
	require.True(t, at(s, 2*time.Hour).isDefault())
	throttled := request("one", 0, 0)
	throttled.ThrottleCount = 4
	at(s, 2*time.Hour).draw(throttled)
	require.False(t, at(s, 2*time.Hour+time.Minute).isDefault())
	shown := at(s, 2*time.Hour).render()
	require.EqualValues(t, 4, shown.GetThrottleCount())
	require.InDelta(t, 0.5, shown.GetRefillShare(), 1e-9)
}
