package store

import (
	"context"
	"errors"
	"sync"
	"time"
)

// A bucket that seems to be rolled back is read again at this interval before it counts
// as rolled back. On several servers, a new leader of a stream may not know all of its
// entries yet, and a leader that was cut off believes for some 20 s that it leads: every
// 10 s it checks whether it lost its quorum, and a quorum counts as lost after 10 s.
const (
	confirmReads         = 3  // Of a stream on one server.
	confirmReadsReplicas = 30 // Of a stream on several servers.
	confirmInterval      = time.Second
)

// acceptanceInterval is the interval between checks whether an operator accepted a
// bucket that is rolled back.
const acceptanceInterval = 5 * time.Second

// errAccepted means that an operator accepted the bucket, so that it is listed again.
var errAccepted = errors.New("the state was accepted")

// guard compares a bucket with its high-water mark: before a list is shown, after every
// delivery, and after every write.
type guard struct {
	stream        *kvStream
	highWaterMark *HighWaterMark // Nil disables the guard.

	mu     sync.Mutex
	relist context.CancelCauseFunc // Ends the current run of the feed.
}

// onRollback sets the function that the guard calls when a write reveals a rollback.
func (g *guard) onRollback(relist context.CancelCauseFunc) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.relist = relist
}

// rolledBack implements [Bucket.RolledBack].
func (g *guard) rolledBack() error {
	if g.highWaterMark == nil {
		return nil
	}
	return g.highWaterMark.RolledBack()
}

// check compares the bucket with its high-water mark, before a new list is shown. It
// reports whether the list belongs to an older state than the one shown before. If the
// bucket is rolled back, check calls relist once an operator accepted it.
func (g *guard) check(ctx context.Context, relist context.CancelCauseFunc) (rolledBack bool, err error) {
	if g.highWaterMark == nil {
		return false, nil
	}
	for reads := 1; ; reads++ {
		found, replicas, err := readMark(ctx, g.stream)
		if err != nil {
			return false, err
		}
		enough := confirmReads
		if replicas > 1 {
			enough = confirmReadsReplicas
		}
		if reads < enough && g.highWaterMark.mayRecover(g.stream.bucket, found) {
			pause(ctx, confirmInterval)
			continue
		}
		rollback, accepted := g.highWaterMark.check(g.stream.bucket, found)
		if rollback != nil {
			go g.awaitAcceptance(ctx, relist)
		}
		return rollback != nil || accepted, nil //nolint:nilerr // RolledBack returns the rollback.
	}
}

// awaitAcceptance calls relist once an operator accepted a bucket that is rolled back.
func (g *guard) awaitAcceptance(ctx context.Context, relist context.CancelCauseFunc) {
	ticker := time.NewTicker(acceptanceInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if found, _, err := readMark(ctx, g.stream); err == nil && g.highWaterMark.accepts(g.stream.bucket, found) {
			relist(errAccepted)
			return
		}
	}
}

// advance raises the high-water mark to a revision that was delivered.
func (g *guard) advance(revision uint64) {
	if g.highWaterMark != nil {
		g.highWaterMark.advance(g.stream.bucket, revision)
	}
}

// knownRevision returns the revision of the high-water mark.
func (g *guard) knownRevision() uint64 {
	if g.highWaterMark == nil {
		return 0
	}
	return g.highWaterMark.revision(g.stream.bucket)
}

// checkWrite compares the revision of a write with the one that was known before the
// write was sent. Revisions only grow: if this one did not, the bucket was rolled back
// unnoticed, and checkWrite ends the feed, which then lists the bucket again.
func (g *guard) checkWrite(known, stored uint64) error {
	if g.highWaterMark == nil || stored > known {
		return nil
	}
	err := g.highWaterMark.recordRollback(g.stream.bucket, stored)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.relist != nil {
		g.relist(err)
	}
	return err
}
