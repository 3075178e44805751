// Package session is one AWS account in one region, as a service of Skep sees it:
// SDK clients with short-lived credentials of the service's own role, an API
// budget that stays below AWS's published limits, a span per call, and errors
// that say whose they are.
//
// A Session gives an aws.Config; each service makes from it the SDK clients it
// needs and declares, method for method, the narrow interface that it calls.
// The package knows nothing of any resource. Services import it.
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

// Options say how a Cloud reaches AWS.
type Options struct {
	// Base makes the configuration of a region, without credentials: real AWS,
	// an endpoint that speaks like it, or a simulation.
	Base func(ctx context.Context, region string) (aws.Config, error)
	// Issue returns credentials of the service's own role in an account, named
	// `organizations/{organization}/accounts/{account}`.
	Issue func(ctx context.Context, account string) (aws.Credentials, error)
	// Installation is the id of this installation, which is tagged on everything.
	Installation string
	// TimeScale is how many times faster than the wall clock this AWS runs: 1 for
	// AWS itself, more for a simulation. Zero means 1.
	TimeScale float64
	// ResyncPeriod is how often everything that was made is looked at, to find what
	// somebody changed; zero means every two days.
	ResyncPeriod time.Duration
	// Limiter keeps the calls below AWS's limits; nil makes one that is shared with
	// nobody.
	Limiter *ratelimit.Limiter
	// Audit keeps a line of every mutating call; nil keeps none.
	Audit *audit.Log
	// MutationGuard says why nothing may be changed in AWS, or nil; a nil Held never does.
	MutationGuard func() error
}

// Pool opens sessions. It is safe for concurrent use.
type Pool struct {
	options  Options
	mu       sync.Mutex
	sessions map[place]*Session
}

type place struct{ account, region string }

// New returns a Cloud that opens sessions as options say.
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
	return &Pool{options: options, sessions: make(map[place]*Session)}
}

// TimeScale is how many times faster than the wall clock this AWS runs.
func (c *Pool) TimeScale() float64 { return c.options.TimeScale }

// resyncPeriod is how often everything is looked at. A look at everything takes
// some fifty calls, so this keeps a cluster at rest near one call an hour.
const resyncPeriod = 48 * time.Hour

// ResyncPeriod is how often everything that was made is looked at.
func (c *Pool) ResyncPeriod() time.Duration { return c.options.ResyncPeriod }

// Limiter keeps the calls below AWS's limits, also those that are made without a
// session.
func (c *Pool) Limiter() *ratelimit.Limiter { return c.options.Limiter }

// Session is one account in one region.
type Session struct {
	// Config makes SDK clients.
	Config aws.Config
	// Account is the account by its name in Skep, Region the AWS region.
	Account string
	Region  string

	call sharedInventory
}

// credentialsMargin is how long before their end credentials are renewed: a
// fifth of the hour that AssumeRole gives.
const credentialsMargin = 12 * time.Minute

// Session opens the session of an account in a region, or returns the one that
// is open. It makes no call to AWS.
func (c *Pool) Session(ctx context.Context, account, region string) (*Session, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := place{account, region}
	if s := c.sessions[at]; s != nil {
		return s, nil
	}
	config, err := c.options.Base(ctx, region)
	if err != nil {
		return nil, fmt.Errorf("open session in %s: %w", region, err)
	}
	issue := aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
		issued, err := c.options.Issue(ctx, account)
		if err != nil {
			return aws.Credentials{}, errorclass.Unsent(*fault.Of(err), err)
		}
		return issued, nil
	})
	config.Credentials = aws.NewCredentialsCache(issue, func(o *aws.CredentialsCacheOptions) {
		o.ExpiryWindow = credentialsMargin
	})
	Instrument(&config, c.options.Limiter, account)
	batch.Share(&config, traceID, TagIntent)
	audited(&config, c.options.Audit, account)
	mutationGuard(&config, c.options.MutationGuard)
	s := &Session{Config: config, Account: account, Region: region, call: sharedInventory{turn: make(chan struct{}, 1)}}
	c.sessions[at] = s
	return s, nil
}
