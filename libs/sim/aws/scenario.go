package aws

import (
	"time"

	"github.com/skep-dev/skep/libs/sim/aws/internal/autoscaling"
	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
	"github.com/skep-dev/skep/libs/sim/aws/internal/fixture"
	"github.com/skep-dev/skep/libs/sim/aws/internal/iam"
	"github.com/skep-dev/skep/libs/sim/aws/internal/instance"
	"github.com/skep-dev/skep/libs/sim/aws/internal/route53"
	"github.com/skep-dev/skep/libs/sim/aws/internal/sts"
)

// Fixtures returns all fixtures for a VPC.
func Fixtures() []Fixture { return fixture.All() }

// PutFixture creates one instance of a fixture in a VPC. It returns an error if AWS would refuse that, and if the journal
// cannot be written.
func (w *Simulation) PutFixture(p Fixture, at Target) error { return p.Put(w.engine, at) }

// PutRole adds a role that exists before the test. A caller that knows the external id may assume it; with an empty
// external id, every caller may. Roles of CreateRole cannot be assumed. Neither String, nor Empty, nor Ledger shows it.
// A second role with the same name replaces the first. PutRole returns an error if the journal cannot be written.
func (w *Simulation) PutRole(account, role, externalID string) error {
	return w.engine.Do(engine.ByAWS, engine.Scope{Account: account, Region: engine.Global}, func(c *engine.Call) error {
		sts.NewRoleFixture(c, account, role, externalID)
		return nil
	})
}

// PutHostedZone adds a hosted zone that exists before the test, such as the parent of the zones of clusters, and
// returns its id. Neither String, nor Empty, nor Ledger shows the zone; they do show records in it. If the account has
// a fixture of that name already, PutHostedZone returns its id. It returns an error if the journal cannot be written.
func (w *Simulation) PutHostedZone(account, name string) (id string, err error) {
	err = w.engine.Do(engine.ByAWS, engine.Scope{Account: account, Region: engine.Global}, func(c *engine.Call) error {
		id = route53.NewHostedZoneFixture(c, name)
		return nil
	})
	return id, err
}

// SetCapacity sets how many more instances of a type a zone ("eu-central-1a") has room for. Once it is used up,
// launches there fail with InsufficientInstanceCapacity, and Auto Scaling groups turn to other zones and types. Groups
// that lack instances try again at once. SetCapacity returns an error if the journal cannot be written.
func (w *Simulation) SetCapacity(zone, instanceType string, instances int) error {
	return w.engine.Do(engine.ByAWS, engine.Scope{}, func(c *engine.Call) error {
		instance.SetCapacity(c, zone, instanceType, instances)
		autoscaling.BalanceAll(c)
		return nil
	})
}

// SetProfileDelay sets how long RunInstances does not know a new instance profile, unscaled. The default is
// Latency("InstanceProfile/usable"). SetProfileDelay returns an error if the journal cannot be written.
func (w *Simulation) SetProfileDelay(delay time.Duration) error {
	return w.engine.Do(engine.ByAWS, engine.Scope{}, func(c *engine.Call) error {
		iam.SetProfileDelay(c, delay)
		return nil
	})
}

// Nodes lists the instances of a region that have booted and are not being terminated, in order of creation.
func (w *Simulation) Nodes(account, region string) (nodes []Node) {
	w.engine.Read(engine.Scope{Account: account, Region: region}, func(c *engine.Call) { nodes = instance.Nodes(c) })
	return nodes
}
