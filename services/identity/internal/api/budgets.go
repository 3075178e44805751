package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"
	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"

	"github.com/skep-dev/skep/libs/aws/ratelimit"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// Budgets stores the API budgets: one record for each AWS service in each region of an
// account. A draw is a compare-and-swap, so every replica can serve it and two replicas
// never grant the same token. Draws that arrive during a write share the next write.
type Budgets struct {
	// Bucket holds the budgets by name, and Accounts the accounts that they belong to.
	Bucket, Accounts *store.Bucket
	// TimeScale is the number of AWS seconds in one second of the wall clock. It is 1 except
	// in simulated AWS.
	TimeScale float64

	mu      sync.Mutex
	waiting map[string][]*drawing
	storing map[string]bool
}

// drawing is one draw that waits for its write.
type drawing struct {
	in    *identityv1.DrawBudgetRequest
	grant ratelimit.Grant
	err   error
	done  chan struct{}
}

// Draw takes tokens from a budget. It stores the grant before it returns.
func (b *Budgets) Draw(ctx context.Context, in *identityv1.DrawBudgetRequest) (ratelimit.Grant, error) {
	if account := ratelimit.BucketOf(in.GetBudget(), "").Account; account != ratelimit.Installation && !b.exists(account) {
		return ratelimit.Grant{}, fault.NotFoundf("account %q does not exist", account)
	}
	d := &drawing{in: in, done: make(chan struct{})}
	b.mu.Lock()
	if b.waiting == nil {
		b.waiting, b.storing = make(map[string][]*drawing), make(map[string]bool)
	}
	b.waiting[in.GetBudget()] = append(b.waiting[in.GetBudget()], d)
	if !b.storing[in.GetBudget()] {
		b.storing[in.GetBudget()] = true
		go b.serve(context.WithoutCancel(ctx), in.GetBudget())
	}
	b.mu.Unlock()
	select {
	case <-d.done:
		return d.grant, d.err
	case <-ctx.Done():
		return ratelimit.Grant{}, context.Cause(ctx)
	}
}

func (b *Budgets) exists(account string) bool {
	key, err := object.Accounts.Key(account)
	if err != nil {
		return false
	}
	_, ok := b.Accounts.Get(key)
	return ok
}

// serve stores the draws of one budget in batches, until no draw waits.
func (b *Budgets) serve(ctx context.Context, name string) {
	for {
		b.mu.Lock()
		batch := b.waiting[name]
		delete(b.waiting, name)
		if len(batch) == 0 {
			delete(b.storing, name)
			b.mu.Unlock()
			return
		}
		b.mu.Unlock()
		slices.SortStableFunc(batch, func(x, y *drawing) int { return cmp.Compare(priority(y.in), priority(x.in)) })
		err := b.store(ctx, name, batch)
		for _, d := range batch {
			d.err = err
			close(d.done)
		}
	}
}

// storeTries is the number of attempts to store a batch when writes of other replicas cause
// conflicts.
const storeTries = 20

// store computes the grants of a batch and stores the new state, if it changed. After a
// conflict it computes them again from the state that the other replica stored.
func (b *Budgets) store(ctx context.Context, name string, batch []*drawing) error {
	err := error(nil)
	for range storeTries {
		var record store.Record
		var state *recordv1.BudgetState
		if record, state, err = b.load(name); err != nil {
			return err
		}
		now, changed := time.Now(), false
		for _, d := range batch {
			grant, due := b.bucket(name, state, d.in.GetFamily(), now).draw(d.in)
			d.grant, changed = grant, changed || due
		}
		if !changed {
			return nil
		}
		state.Buckets = slices.DeleteFunc(state.Buckets, func(s *recordv1.TokenBucketState) bool {
			return b.at(name, s, now).isDefault()
		})
		if err = b.put(ctx, name, record.Revision, state); !errors.Is(err, store.ErrConflict) {
			break
		}
	}
	if err != nil {
		return fault.Unavailablef("the budget could not be stored").Because(err)
	}
	return nil
}

func (b *Budgets) put(ctx context.Context, name string, revision uint64, state *recordv1.BudgetState) error {
	packed, err := anypb.New(state)
	if err != nil {
		return fmt.Errorf("encode %s: %w", name, err)
	}
	_, err = b.Bucket.Put(ctx, name, &recordv1.Record{Resource: packed}, revision)
	return err
}

// load reads the state of a budget. Without a record it returns an empty state.
func (b *Budgets) load(name string) (store.Record, *recordv1.BudgetState, error) {
	state := new(recordv1.BudgetState)
	record, ok := b.Bucket.Get(name)
	if !ok {
		return record, state, nil
	}
	if err := record.GetResource().UnmarshalTo(state); err != nil {
		return record, nil, fmt.Errorf("read %s: %w", name, err)
	}
	return record, state, nil
}

// bucket returns the token bucket of a family, and adds a full one if there is none.
func (b *Budgets) bucket(name string, state *recordv1.BudgetState, family string, now time.Time) tokenBucket {
	for _, s := range state.GetBuckets() {
		if s.GetFamily() == family {
			return b.at(name, s, now)
		}
	}
	fresh := &recordv1.TokenBucketState{Family: family}
	state.Buckets = append(state.Buckets, fresh)
	return b.at(name, fresh, now)
}

func (b *Budgets) at(name string, s *recordv1.TokenBucketState, now time.Time) tokenBucket {
	return tokenBucket{TokenBucketState: s, figures: ratelimit.FamilyOf(ratelimit.BucketOf(name, "").Service, s.GetFamily()), pace: b.TimeScale, now: now}
}

// Run deletes the budgets of deleted accounts, until ctx ends.
func (b *Budgets) Run(ctx context.Context) error {
	for _, bucket := range []*store.Bucket{b.Bucket, b.Accounts} {
		if err := bucket.Synced(ctx); err != nil {
			return nil //nolint:nilerr // The context ended.
		}
	}
	for ctx.Err() == nil {
		_, watch := b.Accounts.Watch(object.Accounts.CollectionID + "/")
		b.sweep(ctx)
		for open := true; open && ctx.Err() == nil; {
			select {
			case <-ctx.Done():
			case change, ok := <-watch.C:
				if open = ok; ok && change.Record == nil {
					b.sweep(ctx)
				}
			}
		}
		watch.Stop()
	}
	return nil
}

// sweep deletes the budgets whose account does not exist. It ignores conflicts with other
// replicas: the next sweep deletes what is left.
func (b *Budgets) sweep(ctx context.Context) {
	for _, record := range b.Bucket.List("") {
		if account := ratelimit.BucketOf(record.Key, "").Account; account != ratelimit.Installation && !b.exists(account) {
			_ = b.Bucket.Delete(ctx, record.Key, record.Revision)
		}
	}
}

// show returns a budget as the API shows it.
func (b *Budgets) show(record store.Record) (*identityv1.Budget, error) {
	_, state, err := b.load(record.Key)
	if err != nil {
		return nil, err
	}
	bucket := ratelimit.BucketOf(record.Key, "")
	shown, now := &identityv1.Budget{Name: record.Key, Region: bucket.Region, Service: bucket.Service}, time.Now()
	for _, s := range state.GetBuckets() {
		shown.Buckets = append(shown.Buckets, b.at(record.Key, s, now).render())
		if shown.UpdateTime == nil || s.GetLevelTime().AsTime().After(shown.GetUpdateTime().AsTime()) {
			shown.UpdateTime = proto.CloneOf(s.GetLevelTime())
		}
	}
	slices.SortFunc(shown.Buckets, func(x, y *identityv1.TokenBucket) int { return strings.Compare(x.GetFamily(), y.GetFamily()) })
	return shown, nil
}
