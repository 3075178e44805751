package engine

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"math"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/skep-dev/skep/libs/aws/latency"
)

// Engine holds the simulated AWS: accounts, their regions, and a table for each resource type in each of them. It is
// safe for concurrent use.
type Engine struct {
	catalog *Catalog
	options Options

	mu       sync.Mutex // never held while sleeping or while a fault hook runs
	seq      uint64     // sequence number of the newest resource
	requests uint64     // requests received, the source of request ids
	tables   map[tableKey]any
	ledger   ledger
	buckets  buckets
	history  history
	faults   Faults
	pending  []effect // in order of their times
	journal  *journal
}

// Scope is where a resource lives: an account, and a region of it or Global.
type Scope struct{ Account, Region string }

// Global is the region of resources that belong to no region.
const Global = "global"

// tableKey identifies the table of one resource type in one scope.
type tableKey struct {
	resourceType string
	Scope
}

// New returns an engine for the services of the catalog, with the state that Options.Journal holds. It returns an
// error if the journal cannot be read or written.
func New(catalog *Catalog, options Options) (*Engine, error) {
	if options.Scale <= 0 {
		options.Scale = 1
	}
	options.TagLag = max(options.TagLag, options.Lag)
	e := &Engine{catalog: catalog, options: options, tables: map[tableKey]any{}, ledger: newLedger(), buckets: buckets{}}
	if options.Journal == "" {
		return e, nil
	}
	journal, err := openJournal(options.Journal, e)
	if err != nil {
		return nil, fmt.Errorf("open journal %s: %w", options.Journal, err)
	}
	e.journal = journal
	for _, resume := range catalog.resumers {
		resume(e)
	}
	return e, nil
}

// Close closes the journal. Later calls fail with InternalError.
func (e *Engine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.journal == nil {
		return nil
	}
	return e.journal.close()
}

// Do runs act as a call that comes from no client, with the engine locked, and writes its changes to the journal. The
// principal is recorded as the creator of new resources. Do returns the error of act or of the journal.
func (e *Engine) Do(principal string, at Scope, act func(*Call) error) error {
	e.lock()
	defer e.mu.Unlock()
	c := e.newCall(principal, at)
	if err := act(c); err != nil {
		return err
	}
	return c.commit()
}

// Read runs act with the engine locked. act must not change resources.
func (e *Engine) Read(at Scope, act func(*Call)) {
	e.lock()
	defer e.mu.Unlock()
	act(e.newCall(ByAWS, at))
}

// lock takes the lock and runs the effects that are due. The caller unlocks.
func (e *Engine) lock() {
	e.mu.Lock()
	e.runDue()
}

// now is the wall clock of the process: the scale applies to durations only.
func (e *Engine) now() time.Time { return time.Now() }

// scaled converts a duration in AWS to a duration in this engine.
func (e *Engine) scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) / e.options.Scale)
}

// latency draws the scaled duration of one occurrence of the named latency. The draw depends on seed, name and salt
// only, so that it is independent of the order in which concurrent callers arrive.
func (e *Engine) latency(name latency.Name, salt string) time.Duration {
	h := fnv.New64a()
	h.Write(fmt.Appendf(nil, "%d/%s/%s", e.options.Seed, name, salt))
	draw := float64(mix(h.Sum64()))/math.MaxUint64*2 - 1
	return e.scaled(time.Duration(float64(latency.Of(name)) * (1 + draw*e.options.Spread)))
}

// mix distributes the entropy of an FNV hash over all of its bits (the finalizer of SplitMix64).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// uuid returns the n-th unique id of a namespace. It depends on the seed only.
func (e *Engine) uuid(namespace string, n uint64) uuid.UUID {
	return uuid.NewSHA1(uuid.NameSpaceOID, fmt.Appendf(nil, "%d/%s/%d", e.options.Seed, namespace, n))
}

func (s Scope) compare(other Scope) int {
	return cmp.Or(cmp.Compare(s.Account, other.Account), cmp.Compare(s.Region, other.Region))
}
