package ratelimit

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// The pace of a replica that goes on alone.
const (
	// aloneShare is the part of the refill that it uses: ten replicas that are all
	// cut off use no more together than AWS allows.
	aloneShare = 0.1
	// reach bounds one attempt to reach the source, and is the time between two.
	reach = 2 * time.Second
)

// Steady is a source that goes on slowly by itself while another cannot be
// reached: at a tenth of the refill and without a burst.
type Steady struct {
	source Source
	pace   float64

	mu     sync.Mutex
	alone  bool
	retry  time.Time
	levels map[Bucket]Level
}

// NewSteady returns a source that draws from source as long as it can be reached.
func NewSteady(source Source, pace float64) *Steady {
	return &Steady{source: source, pace: pace, levels: make(map[Bucket]Level)}
}

// Draw implements Source. Its only error is that ctx ended.
func (s *Steady) Draw(ctx context.Context, bucket Bucket, draw Draw) (Grant, error) {
	if s.reachable() {
		trying, cancel := context.WithTimeout(ctx, reach)
		grant, err := s.source.Draw(trying, bucket, draw)
		cancel()
		if err == nil {
			s.shares()
			return grant, nil
		}
		if ctx.Err() != nil {
			return Grant{}, context.Cause(ctx)
		}
		s.goesAlone(err)
	}
	return s.slowly(bucket, draw), nil
}

func (s *Steady) reachable() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.alone || !time.Now().Before(s.retry)
}

func (s *Steady) shares() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.alone {
		slog.Info("API budget is shared again")
	}
	s.alone, s.levels = false, make(map[Bucket]Level)
}

func (s *Steady) goesAlone(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.alone {
		slog.Warn("API budget cannot be shared: going on at a tenth of the rate", "error", err)
	}
	s.alone, s.retry = true, time.Now().Add(reach)
}

// slowly grants from what this replica may use by itself. It begins with nothing:
// how full the bucket is nobody knows.
func (s *Steady) slowly(bucket Bucket, draw Draw) Grant {
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
	// Whoever waits asks again soon: the source may be back.
	grant.RetryAfter = min(grant.RetryAfter, reach)
	return grant
}
