package aws

import (
	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
	"github.com/skep-dev/skep/libs/sim/aws/internal/fixture"
	"github.com/skep-dev/skep/libs/sim/aws/internal/instance"
)

type (
	// Options configures a Simulation. The zero value is a simulation in memory, in real time, without spread or lag.
	Options = engine.Options
	// Call describes one request that reached the simulation.
	Call = engine.Record
	// LedgerEntry is one resource that exists or existed.
	LedgerEntry = engine.LedgerEntry
	// Faults are hooks that make calls fail.
	Faults = engine.Faults
	// APILimit is an API limit as AWS publishes it: a token bucket.
	APILimit = engine.Allowance
	// Target is a VPC and the cluster in it, for Simulation.PutFixture.
	Target = fixture.Target
	// Fixture is a fixture: resources that a test puts into a VPC and that Skep did not create.
	Fixture = fixture.Fixture
	// Node is an instance that has booted: its user data has run, and it has joined its cluster.
	Node = instance.Node
)

// TypicalSpread is a value for Options.Spread that resembles AWS.
const TypicalSpread = engine.TypicalSpread
