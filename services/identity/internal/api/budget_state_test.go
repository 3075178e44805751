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

// at is a bucket of plain writes as it is so long after noon.
func at(s *recordv1.TokenBucketState, after time.Duration) tokenBucket {
	return tokenBucket{TokenBucketState: s, figures: ratelimit.FamilyOf("ec2", "CreateVpc"), pace: 1, now: noon.Add(after)}
}

// asks is a replica that asks for so many tokens for as many owners.
func asks(replica string, tokens, waiting int32) *identityv1.DrawBudgetRequest {
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
		_, changed := at(s, time.Duration(i)*10*time.Second).draw(asks("one", 2, 0))
		require.True(t, changed)
	}
	shown := at(s, 100*time.Second).render()
	require.InDelta(t, 12, shown.GetLastMinuteCount(), 3)
	require.EqualValues(t, 20, shown.GetLastHourCount())
	require.Len(t, shown.GetConsumers(), 2)
	require.EqualValues(t, 10, shown.GetConsumers()[0].GetLastHourCount())
	require.Zero(t, at(s, 3*time.Minute).render().GetLastMinuteCount())
	require.InDelta(t, 10, at(s, 90*time.Minute).render().GetLastHourCount(), 1, "half of the hour is over")
	require.Zero(t, at(s, 2*time.Hour).render().GetLastHourCount())
}

func TestOnlyThoseWhoDrewTheMostAreRemembered(t *testing.T) {
	t.Parallel()
	s := new(recordv1.TokenBucketState)
	for i := range 40 {
		in := asks("one", 1, 0)
		if i%3 > 0 {
			in.Owners[0] = fmt.Sprintf("organizations/demo/networks/other%d", i)
		}
		at(s, time.Duration(i)*time.Second).draw(in)
	}
	shown := at(s, time.Minute).render()
	require.Len(t, shown.GetConsumers(), consumersKept)
	require.Equal(t, "organizations/demo/networks/c0", shown.GetConsumers()[0].GetOwner())
	require.EqualValues(t, 14, shown.GetConsumers()[0].GetLastHourCount())
}

func TestWhatIsRefusedIsNotStoredUnlessItIsNews(t *testing.T) {
	t.Parallel()
	s := new(recordv1.TokenBucketState)
	at(s, 0).draw(asks("one", 60, 60))
	for name, test := range map[string]struct {
		replica string
		waiting int32
		after   time.Duration
		want    bool
	}{
		"about as many are waiting":  {"one", 50, 0, false},
		"far fewer are waiting":      {"one", 5, 0, true},
		"it was said long ago":       {"one", 60, 40 * time.Second, true},
		"another replica is waiting": {"two", 1, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fresh := proto.CloneOf(s)
			fresh.Level = -1000
			grant, changed := at(fresh, test.after).draw(asks(test.replica, 1, test.waiting))
			require.NotZero(t, grant.RetryAfter)
			require.Equal(t, test.want, changed)
		})
	}
}

func TestAReplicaIsToldHowManyWaitElsewhere(t *testing.T) {
	t.Parallel()
	s := new(recordv1.TokenBucketState)
	grant, _ := at(s, 0).draw(asks("one", 60, 300))
	require.Zero(t, grant.Others)
	grant, _ = at(s, 0).draw(asks("two", 1, 100))
	require.Equal(t, 300, grant.Others)
	require.EqualValues(t, 400, at(s, time.Second).render().GetWaitingCount())
	require.Zero(t, at(s, 2*time.Minute).render().GetWaitingCount(), "they were not heard of again")
}

func TestAFullBucketThatWasNotUsedForLongIsForgotten(t *testing.T) {
	t.Parallel()
	s := new(recordv1.TokenBucketState)
	at(s, 0).draw(asks("one", 1, 0))
	require.False(t, at(s, time.Hour).forgettable())
	require.True(t, at(s, 2*time.Hour).forgettable())
	throttled := asks("one", 0, 0)
	throttled.ThrottleCount = 4
	at(s, 2*time.Hour).draw(throttled)
	require.False(t, at(s, 2*time.Hour+time.Minute).forgettable())
	shown := at(s, 2*time.Hour).render()
	require.EqualValues(t, 4, shown.GetThrottleCount())
	require.InDelta(t, 0.5, shown.GetRefillShare(), 1e-9)
}
