package aws

import (
	"fmt"
	"hash/fnv"
	"math"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/uuid"
)

// World is everything AWS holds: accounts, their regions, and tables of things in them. It is safe for concurrent use.
type World struct {
	options Options

	mu       sync.Mutex // never held while sleeping or while a fault hook runs
	seq      uint64     // of the thing created last
	requests uint64
	tables   map[shelf]any // a *table[T] for each kind and scope
	ledger   ledger
	budgets  budgets
	record   record
	faults   Faults
	late     []effect // what has been accepted and is yet to happen
	journal  *journal
}

// scope is where a thing is: an account, and a region of it or "global".
type scope struct{ Account, Region string }

// shelf names the table of one kind in one scope.
type shelf struct {
	kind string
	scope
}

// New makes a world, or finds the one that Options.Journal holds. It fails only on a journal that cannot be read or written.
func New(options Options) (*World, error) {
	if options.Scale <= 0 {
		options.Scale = 1
	}
	options.TagLag = max(options.TagLag, options.Lag)
	w := &World{options: options, tables: map[shelf]any{}, ledger: newLedger(), budgets: budgets{}}
	if options.Journal == "" {
		return w, nil
	}
	journal, err := openJournal(options.Journal, w)
	if err != nil {
		return nil, fmt.Errorf("open journal %s: %w", options.Journal, err)
	}
	w.journal = journal
	w.resume()
	return w, nil
}

// Close closes the journal, if there is one. Calls that come later are answered with InternalError.
func (w *World) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.journal == nil {
		return nil
	}
	return w.journal.close()
}

// Config returns an SDK configuration whose clients are answered by the world, with a key of the account. The account is
// twelve digits; anything else panics.
func (w *World) Config(account, region string) aws.Config {
	cfg := aws.Config{
		Region:      region,
		Credentials: credentials.NewStaticCredentialsProvider(w.AccessKey(account), "secret", ""),
	}
	w.Install(&cfg)
	return cfg
}

// now is the time in this world. It is the caller's: only durations are scaled.
func (w *World) now() time.Time { return time.Now() }

// span is what a duration of AWS takes in this world.
func (w *World) span(d time.Duration) time.Duration {
	return time.Duration(float64(d) / w.options.Scale)
}

// latency is how long the named thing takes this time. The draw depends on seed, thing and salt alone, so that it does
// not depend on the order in which concurrent callers happen to arrive.
func (w *World) latency(thing, salt string) time.Duration {
	h := fnv.New64a()
	h.Write(fmt.Appendf(nil, "%d/%s/%s", w.options.Seed, thing, salt))
	draw := float64(mix(h.Sum64()))/math.MaxUint64*2 - 1
	return w.span(time.Duration(float64(Latency(thing)) * (1 + draw*w.options.Spread)))
}

// mix spreads the last bits of an FNV hash over all of it (the finalizer of SplitMix64).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// uuid is the n-th unique name of its sort, decided by the seed.
func (w *World) uuid(sort string, n uint64) uuid.UUID {
	return uuid.NewSHA1(uuid.NameSpaceOID, fmt.Appendf(nil, "%d/%s/%d", w.options.Seed, sort, n))
}

// enter takes the lock and lets what was to happen by now happen. The caller unlocks.
func (w *World) enter() {
	w.mu.Lock()
	w.settle()
}
