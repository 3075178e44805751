package ratelimit

import (
	"math"
	"time"

	"github.com/skep-dev/skep/libs/platform/callcontext"
)

// margin keeps a budget slightly below the rate of AWS: calls do not arrive as evenly as they are sent, and AWS
// throttles a call that arrives a nanosecond early.
const margin = 0.99

// tokenLifetime is the time for which a drawn token may stay unspent, and the time for which tokens are promised
// ahead.
const tokenLifetime = 500 * time.Millisecond

const (
	// leastShare is the smallest part of the refill of AWS that is used, however often AWS throttles.
	leastShare = 1.0 / 16
	// recovery is the part of the refill that returns each minute after a throttle.
	recovery = 0.1
	// throttleWindow is the time in which several throttles count as one: of calls in progress at once, AWS refuses
	// all that exceed the rate.
	throttleWindow = time.Second
)

// Level is the stored state of a bucket. The zero value is a full bucket.
type Level struct {
	// Tokens is the number of tokens at Time; below zero, tokens are promised that the refill does not cover yet.
	Tokens float64
	Time   time.Time
	// Share is the part of the refill of AWS that was used at ThrottleTime. It grows by a tenth each minute, up to
	// one.
	Share        float64
	ThrottleTime time.Time
}

// Draw is a request for tokens.
type Draw struct {
	// Tokens is the number of waiting calls. Spare is the number of further tokens to grant if the bucket is more
	// than half full.
	Tokens, Spare int
	// Priority is the priority of the calls. Priorities below Repair leave a reserve.
	Priority callcontext.Priority
	// Owners are the objects of the waiting calls, in order.
	Owners []string
	// Waiting is the number of all queued calls, including postponed ones.
	Waiting int
	// Throttles is the number of calls that AWS throttled since the last draw.
	Throttles int
}

// Grant is the answer to a Draw.
type Grant struct {
	// Now is the number of tokens that may be spent at once.
	Now int
	// Later is the number of further tokens, to spend one by one: the first after Delay, each following one an
	// Interval later.
	Later           int
	Delay, Interval time.Duration
	// RetryAfter is the time until the next token; zero if all tokens were granted.
	RetryAfter time.Duration
	// Rate is the number of tokens per second from then on. Others is the number of calls of other replicas that wait
	// for them too.
	Rate   float64
	Others int
}

// At returns the level at a time, of a bucket that is refilled pace times faster than the bucket of AWS. If the clock
// is behind the clock that wrote the level, it refills nothing.
func (l Level) At(f Family, pace float64, now time.Time) Level {
	if l.Time.IsZero() {
		l.Tokens, l.Time = f.capacity(), now
		return l
	}
	if elapsed := now.Sub(l.Time); elapsed > 0 {
		// The share grows meanwhile; the earlier, smaller share is the safe one.
		l.Tokens = min(f.capacity(), l.Tokens+elapsed.Seconds()*l.rate(f, pace, l.Time))
		l.Time = now
	}
	return l
}

// ShareAt returns the part of the refill of AWS that is used at a time: 1 unless AWS throttled.
func (l Level) ShareAt(now time.Time) float64 {
	if l.ThrottleTime.IsZero() {
		return 1
	}
	return min(1, l.Share+recovery*max(0, now.Sub(l.ThrottleTime).Minutes()))
}

func (l Level) rate(f Family, pace float64, now time.Time) float64 {
	return f.Refill * pace * margin * l.ShareAt(now)
}

// Draw takes the requested tokens from the level, as far as the bucket has them, and returns the remaining level.
func (l Level) Draw(f Family, pace float64, now time.Time, d Draw) (Level, Grant) {
	l = l.At(f, pace, now)
	now = l.Time
	if d.Throttles > 0 {
		l = l.throttled(now)
	}
	rate := l.rate(f, pace, now)
	g := Grant{Rate: rate, Interval: seconds(1 / rate)}
	// The arithmetic loses up to a millionth of a token.
	spendable := l.Tokens - f.Reserve(d.Priority) + 1e-6
	g.Now = max(0, min(d.Tokens, int(math.Floor(spendable))))
	for g.Now+g.Later < d.Tokens && seconds((float64(g.Now+g.Later+1)-spendable)/rate) <= tokenLifetime {
		g.Later++
	}
	if g.Later > 0 {
		g.Delay = seconds((float64(g.Now+1) - spendable) / rate)
	}
	if g.Now+g.Later < d.Tokens {
		g.RetryAfter = seconds((float64(g.Now+g.Later+1) - spendable) / rate)
	}
	l.Tokens -= float64(g.Now + g.Later)
	if plenty := l.Tokens - f.capacity()/2; plenty >= 1 {
		spare := min(d.Spare, int(plenty))
		g.Now += spare
		l.Tokens -= float64(spare)
	}
	return l, g
}

// throttled empties the bucket, as AWS's is empty, and halves the refill.
func (l Level) throttled(now time.Time) Level {
	l.Tokens = min(l.Tokens, 0)
	if share := l.ShareAt(now); l.ThrottleTime.IsZero() || now.Sub(l.ThrottleTime) >= throttleWindow {
		l.Share, l.ThrottleTime = max(leastShare, share/2), now
	}
	return l
}

// seconds rounds up: a token that is spent too early exceeds the limit.
func seconds(s float64) time.Duration { return time.Duration(math.Ceil(s * float64(time.Second))) }
