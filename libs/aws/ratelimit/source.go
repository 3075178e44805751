package ratelimit

import (
	"context"
	"sync"
	"time"
)

// Source hands out the tokens of buckets to all replicas that share them. It is safe for concurrent use.
type Source interface {
	// Draw takes tokens from a bucket, at most as many as the bucket has. An error means that the source is
	// unreachable; tokens that it granted in that draw are lost.
	Draw(ctx context.Context, bucket Bucket, draw Draw) (Grant, error)
}

// Local is a source in memory, for a process that shares its accounts with no other process.
type Local struct {
	pace   float64
	mu     sync.Mutex
	levels map[Bucket]Level
}

// NewLocal returns a source of full buckets for an AWS that runs pace times faster than the clock.
func NewLocal(pace float64) *Local { return &Local{pace: pace, levels: make(map[Bucket]Level)} }

// Draw implements Source.
func (s *Local) Draw(_ context.Context, bucket Bucket, draw Draw) (Grant, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	level, grant := s.levels[bucket].Draw(FamilyOf(bucket.Service, bucket.Family), s.pace, time.Now(), draw)
	s.levels[bucket] = level
	return grant, nil
}
