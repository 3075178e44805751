package engine

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/skep-dev/skep/libs/aws/latency"
)

// Call is a call while the engine answers it. Handlers get it with the engine locked, and reach all state through it.
type Call struct {
	Record
	engine    *Engine
	requestID string
	recorded  *Record  // the copy in the history
	changes   []change // what the call did to resources, for the journal
}

// ByAWS is the principal of what AWS does on its own.
const ByAWS = "aws"

// newCall returns a call that comes from no client. The engine is locked.
func (e *Engine) newCall(principal string, at Scope) *Call {
	return &Call{engine: e, Record: Record{Account: at.Account, Region: at.Region, Principal: principal, Mutating: true, At: e.now()}}
}

// commit writes the changes of a call that came from no client to the journal.
func (c *Call) commit() error {
	if c.engine.journal == nil {
		return nil
	}
	if err := c.engine.journal.append(c.changes); err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	return nil
}

// Now returns the current time.
func (c *Call) Now() time.Time { return c.engine.now() }

// Scaled converts a duration in AWS to a duration in this engine.
func (c *Call) Scaled(d time.Duration) time.Duration { return c.engine.scaled(d) }

// After returns the time at which something that begins now and takes as long as the named latency is complete. The
// salt identifies the occurrence, usually by the name of the resource, so that equal runs draw equal latencies.
func (c *Call) After(name latency.Name, salt string) time.Time {
	return c.Now().Add(c.engine.latency(name, salt))
}

// Latency draws the scaled duration of one occurrence of the named latency; see After.
func (c *Call) Latency(name latency.Name, salt string) time.Duration {
	return c.engine.latency(name, salt)
}

// Sequence returns the sequence number of the newest resource.
func (c *Call) Sequence() uint64 { return c.engine.seq }

// AdvanceSerial takes the next sequence number, which changes what Serial returns.
func (c *Call) AdvanceSerial() { c.engine.seq++ }

// Serial returns n hexadecimal digits that no other resource of the namespace has.
func (c *Call) Serial(namespace string, n int) string {
	id := c.engine.uuid(namespace, c.engine.seq)
	return fmt.Sprintf("%x", id[:])[:n]
}

// NextSerial takes the next sequence number and returns its serial.
func (c *Call) NextSerial(namespace string, n int) string {
	c.AdvanceSerial()
	return c.Serial(namespace, n)
}

// UUID returns the n-th unique id of a namespace. It depends on the seed only.
func (c *Call) UUID(namespace string, n uint64) uuid.UUID { return c.engine.uuid(namespace, n) }
