package ratelimit

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// The limits of a replica that cannot reach the source.
const (
	// aloneShare is the part of the refill that it uses: ten replicas without the source use together no more than
	// AWS allows.
	aloneShare = 0.1
	// reach bounds one attempt to reach the source, and is the interval between two attempts.
	reach = 2 * time.Second
)

// Fallback is a source that draws from another source. While that one is unreachable, it grants a tenth of the refill
// without a burst.
type Fallback struct {
	source Source
	pace   float64

	mu     sync.Mutex
	alone  bool
	retry  time.Time
	levels map[Bucket]Level
}

// NewFallback returns a Fallback that draws from source while source is reachable.
func NewFallback(source Source, pace float64) *Fallback {
	return &Fallback{source: source, pace: pace, levels: make(map[Bucket]Level)}
}

// Draw implements Source. Its only error is the end of ctx.
func (s *Fallback) Draw(ctx context.Context, bucket Bucket, draw Draw) (Grant, error) {
	if s.reachable() {
		trying, cancel := context.WithTimeout(ctx, reach)
		grant, err := s.source.Draw(trying, bucket, draw)
		cancel()
		if err == nil {
			s.connected()
			return grant, nil
		}
		if ctx.Err() != nil {
			return Grant{}, context.Cause(ctx)
		}
		s.disconnected(err)
	}
	return s.fallback(bucket, draw), nil
}

func (s *Fallback) reachable() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.alone || !time.Now().Before(s.retry)
}

func (s *Fallback) connected() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.alone {
		slog.Info("API budget is shared with the other replicas again")
	}
	s.alone, s.levels = false, make(map[Bucket]Level)
}

func (s *Fallback) disconnected(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.alone {
		slog.Warn("API budget is unreachable: this replica continues at a tenth of the rate", "error", err)
	}
	s.alone, s.retry = true, time.Now().Add(reach)
}

// fallback grants tokens from the tenth of this replica. It starts with an empty bucket, because the level of the
// shared bucket is unknown.
func (s *Fallback) fallback(bucket Bucket, draw Draw) Grant {
	s.mu.Lock()
	defer s.mu.Unlock()
	family := FamilyOf(bucket.Service, bucket.Family)
	family.Burst, family.Refill = 1, family.Refill*aloneShare
	level, ok := s.levels[bucket]
	if !ok {
		level = Level{Time: time.Now()}
	}
	draw.Spare = 0
	level, grant := level.Draw(family, s.pace, time.Now(), draw)
	s.levels[bucket] = level
	// The caller draws again soon, because the source may be reachable by then.
	grant.RetryAfter = min(grant.RetryAfter, reach)
	return grant
}
