package api

import (
	"cmp"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"
	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"

	"github.com/skep-dev/skep/libs/aws/ratelimit"
	"github.com/skep-dev/skep/libs/platform/callcontext"
)

const (
	// maxConsumers is the number of consumers that a token bucket records: those that drew
	// the most. The limit keeps records small with many clusters.
	maxConsumers = 8
	// replicaAge is the time for which a replica's report of its queued calls counts.
	replicaAge = time.Minute
)

// tokenBucket is one token bucket of a budget at the time now.
type tokenBucket struct {
	*recordv1.TokenBucketState
	figures ratelimit.Family
	pace    float64
	now     time.Time
}

func (b tokenBucket) level() ratelimit.Level {
	level := ratelimit.Level{Tokens: b.GetLevel(), Share: b.GetShare()}
	if b.GetLevelTime() != nil {
		level.Time = b.GetLevelTime().AsTime()
	}
	if b.GetThrottleTime() != nil {
		level.ThrottleTime = b.GetThrottleTime().AsTime()
	}
	return level.At(b.figures, b.pace, b.now)
}

// draw takes the requested tokens, as far as the bucket has them, and reports whether the
// state changed and must be stored.
func (b tokenBucket) draw(in *identityv1.DrawBudgetRequest) (ratelimit.Grant, bool) {
	level, grant := b.level().Draw(b.figures, b.pace, b.now, ratelimit.Draw{
		Tokens: int(in.GetTokens()), Spare: int(in.GetSpareTokens()),
		Priority: priority(in), Throttles: int(in.GetThrottleCount()),
	})
	changed := b.recordReplica(in)
	grant.Others = int(b.waiting() - in.GetWaitingCount())
	if granted := grant.Now + grant.Later; granted > 0 || in.GetThrottleCount() > 0 {
		changed = true
		b.count(in, granted)
		b.Level, b.LevelTime = level.Tokens, timestamppb.New(level.Time)
		b.ThrottleCount += int64(in.GetThrottleCount())
		if !level.ThrottleTime.IsZero() {
			b.Share, b.ThrottleTime = level.Share, timestamppb.New(level.ThrottleTime)
		}
	}
	return grant, changed
}

func priority(in *identityv1.DrawBudgetRequest) callcontext.Priority {
	if in.GetPriority() == identityv1.Budget_PRIORITY_UNSPECIFIED {
		return callcontext.Change
	}
	return callcontext.Priority(in.GetPriority())
}

// recordReplica records the number of queued calls of a replica, and drops replicas whose
// report is too old. It reports whether the report must be stored: if the replica is new,
// if the number changed by more than a factor of two, or after half of replicaAge.
func (b tokenBucket) recordReplica(in *identityv1.DrawBudgetRequest) bool {
	b.Replicas = slices.DeleteFunc(b.Replicas, func(r *recordv1.TokenBucketState_Replica) bool {
		return r.GetName() != in.GetReplica() && b.now.Sub(r.GetTime().AsTime()) > replicaAge
	})
	fresh := &recordv1.TokenBucketState_Replica{Name: in.GetReplica(), WaitingCount: in.GetWaitingCount(), Time: timestamppb.New(b.now)}
	for i, r := range b.Replicas {
		if r.GetName() != in.GetReplica() {
			continue
		}
		b.Replicas[i] = fresh
		more, less := max(r.GetWaitingCount(), in.GetWaitingCount()), min(r.GetWaitingCount(), in.GetWaitingCount())
		return more > 2*less || b.now.Sub(r.GetTime().AsTime()) > replicaAge/2
	}
	b.Replicas = append(b.Replicas, fresh)
	return true
}

// waiting returns the number of queued calls of all replicas.
func (b tokenBucket) waiting() int32 {
	var waiting int32
	for _, r := range b.GetReplicas() {
		if b.now.Sub(r.GetTime().AsTime()) <= replicaAge {
			waiting += r.GetWaitingCount()
		}
	}
	return waiting
}

// count adds granted tokens to the counters of the bucket and of their consumers.
func (b tokenBucket) count(in *identityv1.DrawBudgetRequest, granted int) {
	b.Minute = add(b.GetMinute(), time.Minute, b.now, int64(granted))
	b.Hour = add(b.GetHour(), time.Hour, b.now, int64(granted))
	for i := range granted {
		owner := ""
		if i < len(in.GetOwners()) {
			owner = in.GetOwners()[i]
		}
		consumer := b.consumer(in.GetService(), owner)
		consumer.Hour = add(consumer.GetHour(), time.Hour, b.now, 1)
	}
}

// consumer returns the counter of a consumer. A new consumer replaces the one that drew the
// least if the bucket has maxConsumers.
func (b tokenBucket) consumer(service, owner string) *recordv1.TokenBucketState_Consumer {
	for _, c := range b.GetConsumers() {
		if c.GetService() == service && c.GetOwner() == owner {
			return c
		}
	}
	fresh := &recordv1.TokenBucketState_Consumer{Service: service, Owner: owner}
	if len(b.GetConsumers()) < maxConsumers {
		b.Consumers = append(b.Consumers, fresh)
		return fresh
	}
	least := slices.IndexFunc(b.GetConsumers(), func(c *recordv1.TokenBucketState_Consumer) bool {
		return c == slices.MinFunc(b.GetConsumers(), func(x, y *recordv1.TokenBucketState_Consumer) int {
			return cmp.Compare(count(x.GetHour(), time.Hour, b.now), count(y.GetHour(), time.Hour, b.now))
		})
	})
	b.Consumers[least] = fresh
	return fresh
}

// isDefault reports whether the bucket is full and unused, like a new one, so that its state
// need not be stored.
func (b tokenBucket) isDefault() bool {
	level := b.level()
	return level.Tokens >= (ratelimit.Level{}).At(b.figures, b.pace, b.now).Tokens && level.ShareAt(b.now) == 1 &&
		count(b.GetHour(), time.Hour, b.now) == 0 && b.waiting() == 0
}

// render returns the bucket as the API shows it.
func (b tokenBucket) render() *identityv1.TokenBucket {
	level := b.level()
	shown := &identityv1.TokenBucket{
		Family: b.GetFamily(), Burst: int32(b.figures.Burst), RefillRate: b.figures.Refill,
		Level: level.Tokens, RefillShare: level.ShareAt(b.now),
		LastMinuteCount: count(b.GetMinute(), time.Minute, b.now), LastHourCount: count(b.GetHour(), time.Hour, b.now),
		WaitingCount: b.waiting(), ThrottleCount: b.GetThrottleCount(), ThrottleTime: b.GetThrottleTime(),
	}
	for _, c := range b.GetConsumers() {
		if n := count(c.GetHour(), time.Hour, b.now); n > 0 {
			shown.Consumers = append(shown.Consumers, &identityv1.TokenBucket_Consumer{Service: c.GetService(), Owner: c.GetOwner(), LastHourCount: n})
		}
	}
	slices.SortStableFunc(shown.Consumers, func(x, y *identityv1.TokenBucket_Consumer) int {
		return cmp.Or(cmp.Compare(y.GetLastHourCount(), x.GetLastHourCount()), cmp.Compare(x.GetOwner(), y.GetOwner()))
	})
	return shown
}
