// Package session gives a service one AWS account in one region: the configuration for SDK clients, with short-lived
// credentials of the service role, a rate limit below the published limits of AWS, a span and an audit line per call,
// shared reads, and errors that are faults with an actor.
//
// A Session has an aws.Config; each service makes SDK clients from it and declares, method for method, the narrow
// interface that it calls. The package knows no resource type. Services import it.
package session

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/skep-dev/skep/libs/aws/batch"
	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/aws/ratelimit"
	"github.com/skep-dev/skep/libs/platform/audit"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// Options configure a Pool.
type Options struct {
	// Base returns the configuration of a region, without credentials: for AWS, a compatible endpoint, or simulated
	// AWS.
	Base func(ctx context.Context, region string) (aws.Config, error)
	// Issue returns credentials of the service role in an account, named
	// `organizations/{organization}/accounts/{account}`.
	Issue func(ctx context.Context, account string) (aws.Credentials, error)
	// Installation is the id of this installation, a tag on every resource.
	Installation string
	// TimeScale is the speed of this AWS relative to the wall clock: 1 for AWS itself, more for simulated AWS.
	// Zero means 1.
	TimeScale float64
	// ResyncPeriod is the interval at which every resource is observed, to find drift. Zero means 48 hours.
	ResyncPeriod time.Duration
	// Limiter keeps the calls below the limits of AWS. Nil creates one in memory, for a process that shares its
	// accounts with no other.
	Limiter *ratelimit.Limiter
	// Audit stores a line of every mutating call; nil stores none.
	Audit *audit.Log
	// MutationGuard returns why Skep must not change AWS now, or nil. A nil MutationGuard allows every call.
	MutationGuard func() error
}

// Pool opens sessions. It is safe for concurrent use.
type Pool struct {
	options  Options
	mu       sync.Mutex
	sessions map[location]*Session
}

type location struct{ account, region string }

// New returns a Pool with these options.
func New(options Options) *Pool {
	if options.TimeScale <= 0 {
		options.TimeScale = 1
	}
	if options.ResyncPeriod <= 0 {
		options.ResyncPeriod = resyncPeriod
	}
	if options.Limiter == nil {
		options.Limiter = ratelimit.New(ratelimit.NewLocal(options.TimeScale))
	}
	return &Pool{options: options, sessions: make(map[location]*Session)}
}

// TimeScale returns the speed of this AWS relative to the wall clock; see [Options].
func (p *Pool) TimeScale() float64 { return p.options.TimeScale }

// resyncPeriod is the default interval between resyncs. A resync takes about 50 calls, so a cluster at rest costs
// about one call an hour.
const resyncPeriod = 48 * time.Hour

// ResyncPeriod returns the interval at which every resource is observed.
func (p *Pool) ResyncPeriod() time.Duration { return p.options.ResyncPeriod }

// Limiter returns the rate limiter, also for calls without a session.
func (p *Pool) Limiter() *ratelimit.Limiter { return p.options.Limiter }

// Session is one account in one region.
type Session struct {
	// Config makes SDK clients.
	Config aws.Config
	// Account is the name of the account in Skep; Region is the AWS region.
	Account string
	Region  string

	inventory sharedInventory
}

// credentialsMargin is the time before their expiry at which credentials are renewed: a fifth of the hour that
// AssumeRole grants.
const credentialsMargin = 12 * time.Minute

// Session returns the session of an account in a region, and opens it on the first call. It makes no call to AWS.
func (p *Pool) Session(ctx context.Context, account, region string) (*Session, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := location{account, region}
	if s := p.sessions[at]; s != nil {
		return s, nil
	}
	config, err := p.options.Base(ctx, region)
	if err != nil {
		return nil, fmt.Errorf("open session in %s: %w", region, err)
	}
	issue := aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
		issued, err := p.options.Issue(ctx, account)
		if err != nil {
			return aws.Credentials{}, errorclass.Unsent(*fault.Of(err), err)
		}
		return issued, nil
	})
	config.Credentials = aws.NewCredentialsCache(issue, func(o *aws.CredentialsCacheOptions) {
		o.ExpiryWindow = credentialsMargin
	})
	Instrument(&config, p.options.Limiter, account)
	batch.Share(&config, traceID, TagIntent)
	addAudit(&config, p.options.Audit, account)
	addMutationGuard(&config, p.options.MutationGuard)
	s := &Session{Config: config, Account: account, Region: region, inventory: sharedInventory{turn: make(chan struct{}, 1)}}
	p.sessions[at] = s
	return s, nil
}
