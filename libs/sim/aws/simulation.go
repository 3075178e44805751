package aws

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// Simulation is a simulation of AWS: accounts, their regions and the resources in them. It is safe for concurrent use.
type Simulation struct{ engine *engine.Engine }

// New returns a simulation with the state that Options.Journal holds, or an empty one. It returns an error if the
// journal cannot be read or written.
func New(options Options) (*Simulation, error) {
	e, err := engine.New(catalog, options)
	if err != nil {
		return nil, err
	}
	return &Simulation{e}, nil
}

// Close closes the journal, if there is one. Later calls fail with InternalError.
func (w *Simulation) Close() error { return w.engine.Close() }

// Config returns an SDK configuration whose clients the simulation answers, with a permanent key of the account. It
// panics if the account is not twelve digits.
func (w *Simulation) Config(account, region string) aws.Config {
	cfg := aws.Config{
		Region:      region,
		Credentials: credentials.NewStaticCredentialsProvider(w.AccessKey(account), "secret", ""),
	}
	w.Install(&cfg)
	return cfg
}

// Install makes the simulation answer the clients that are made from cfg. It reads caller and region from the
// signature, so the credentials must come from Config, from AccessKey, or from the simulated STS.
func (w *Simulation) Install(cfg *aws.Config) { w.engine.Install(cfg) }

// AccessKey returns the id of the permanent key of an account. It panics if the account is not twelve digits.
func (w *Simulation) AccessKey(account string) string { return w.engine.AccessKey(account) }

// Inject replaces the fault hooks. Inject(Faults{}) removes them; late calls that are under way still take effect.
func (w *Simulation) Inject(faults Faults) { w.engine.Inject(faults) }

// Calls lists the calls since the start or ResetCalls, in order of arrival.
func (w *Simulation) Calls() []Call { return w.engine.Calls() }

// Mutations lists the calls that change state, including the refused ones.
func (w *Simulation) Mutations() []Call {
	return slices.DeleteFunc(w.Calls(), func(c Call) bool { return !c.Mutating })
}

// CountCalls counts the calls by operation.
func (w *Simulation) CountCalls() map[string]int { return w.engine.CountCalls() }

// ResetCalls empties the record of calls and throttles.
func (w *Simulation) ResetCalls() { w.engine.ResetCalls() }

// Throttles is the number of calls that were refused because an API limit was reached.
func (w *Simulation) Throttles() int {
	n := 0
	for _, throttled := range w.CountThrottles() {
		n += throttled
	}
	return n
}

// CountThrottles counts the throttled calls by operation.
func (w *Simulation) CountThrottles() map[string]int { return w.engine.CountThrottles() }

// Ledger lists every resource that ever existed in any account, in order of creation.
func (w *Simulation) Ledger() []LedgerEntry { return w.engine.Ledger() }

// String lists all resources as sorted lines "account region Type name: summary", without ids and times; "" if there
// are none. Equal set-ups give equal texts.
func (w *Simulation) String() string { return w.engine.String() }

// Empty reports whether an account has no resources.
func (w *Simulation) Empty(account string) bool { return w.engine.Empty(account) }

// Latency returns the unscaled median latency of an operation ("CreateVpc"), or of the time until a resource reaches a
// state ("NatGateway/available"). It panics on any other name.
func Latency(name string) time.Duration { return catalog.Latency(name) }

// Allowances returns the API limits that calls of an operation draw on, in one account and region. IAM and Auto Scaling
// publish none.
func Allowances(service, operation string) []APILimit {
	return catalog.Allowances(service, operation)
}
