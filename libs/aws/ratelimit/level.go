package ratelimit

import (
	"math"
	"time"

	"github.com/skep-dev/skep/libs/platform/callcontext"
)

// margin keeps a budget a little below that of AWS: calls do not arrive as evenly
// as they are sent, and the one that arrives a nanosecond early is throttled.
const margin = 0.99

// hold is how long a token that was drawn may stay unspent, and how far ahead
// tokens are promised.
const hold = 500 * time.Millisecond

const (
	// leastShare is the least of AWS's refill that is used, however often AWS throttles.
	leastShare = 1.0 / 16
	// recovery is the share of the refill that comes back each minute after a throttle.
	recovery = 0.1
	// together is how long throttles are taken for one: of calls that were under
	// way at once, all that came too many are refused.
	together = time.Second
)

// Level is what has to be remembered of a bucket: the zero value is a full one.
type Level struct {
	// Tokens is how many calls it allowed at Time; below zero, tokens are promised
	// that are not there yet.
	Tokens float64
	Time   time.Time
	// Share is how much of AWS's refill was used from ThrottleTime on, from then
	// growing by a tenth each minute to the whole of it.
	Share        float64
	ThrottleTime time.Time
}

// Draw asks for tokens.
type Draw struct {
	// Tokens is how many calls are waiting, and Spare how many more may be drawn
	// if there is plenty.
	Tokens, Spare int
	// Priority is that of the calls. Those below Repair leave something over.
	Priority callcontext.Priority
	// Owners are whose calls are waiting, in their order.
	Owners []string
	// Waiting is how many calls queue in all, also for later.
	Waiting int
	// Throttles is how many calls AWS throttled since the last draw.
	Throttles int
}

// Grant is what was drawn.
type Grant struct {
	// Now is how many tokens may be spent at once.
	Now int
	// Later is how many more may be spent one by one: the first after Delay, each
	// other an Interval after the one before.
	Later           int
	Delay, Interval time.Duration
	// RetryAfter is when there will be another token; zero if all were granted.
	RetryAfter time.Duration
	// Rate is how many tokens a second there will be, and Others how many calls of
	// other replicas wait for them too.
	Rate   float64
	Others int
}

// At is the level at a time, of a bucket that is refilled pace times faster than
// AWS's. A clock that is behind the one that wrote the level refills nothing.
func (l Level) At(f Family, pace float64, now time.Time) Level {
	if l.Time.IsZero() {
		l.Tokens, l.Time = f.capacity(), now
		return l
	}
	if elapsed := now.Sub(l.Time); elapsed > 0 {
		// The share grows meanwhile; to reckon with what it was is on the safe side.
		l.Tokens = min(f.capacity(), l.Tokens+elapsed.Seconds()*l.rate(f, pace, l.Time))
		l.Time = now
	}
	return l
}

// ShareAt is how much of AWS's refill is used at a time: 1 unless AWS throttled.
func (l Level) ShareAt(now time.Time) float64 {
	if l.ThrottleTime.IsZero() {
		return 1
	}
	return min(1, l.Share+recovery*max(0, now.Sub(l.ThrottleTime).Minutes()))
}

func (l Level) rate(f Family, pace float64, now time.Time) float64 {
	return f.Refill * pace * margin * l.ShareAt(now)
}

// Draw takes from the level what a draw asks for and the bucket has, and returns
// what is left.
func (l Level) Draw(f Family, pace float64, now time.Time, d Draw) (Level, Grant) {
	l = l.At(f, pace, now)
	now = l.Time
	if d.Throttles > 0 {
		l = l.throttled(now)
	}
	rate := l.rate(f, pace, now)
	g := Grant{Rate: rate, Interval: seconds(1 / rate)}
	// A millionth of a token is lost in arithmetic.
	spendable := l.Tokens - f.Reserve(d.Priority) + 1e-6
	g.Now = max(0, min(d.Tokens, int(math.Floor(spendable))))
	for g.Now+g.Later < d.Tokens && seconds((float64(g.Now+g.Later+1)-spendable)/rate) <= hold {
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

// throttled halves the refill: AWS's bucket is empty, whatever ours says.
func (l Level) throttled(now time.Time) Level {
	l.Tokens = min(l.Tokens, 0)
	if share := l.ShareAt(now); l.ThrottleTime.IsZero() || now.Sub(l.ThrottleTime) >= together {
		l.Share, l.ThrottleTime = max(leastShare, share/2), now
	}
	return l
}

// seconds rounds up: a token that is taken too early is one too many.
func seconds(s float64) time.Duration { return time.Duration(math.Ceil(s * float64(time.Second))) }
