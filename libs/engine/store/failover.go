package store

import "github.com/nats-io/nats.go"

// deafLists is how many lists in a row may fail before another server is tried.
const deafLists = 3

// failover counts in vain what a server is asked. One that was cut off from the
// others keeps its clients and cannot serve them, while the others can.
type failover struct {
	conn       *nats.Conn
	reconnects uint64
	failures   int
}

// listed says that the server serves.
func (e *failover) listed() { e.failures = 0 }

// failed says that it did not, and leaves it for another if it fails for long.
// Others on the same connection may have left it already.
func (e *failover) failed() error {
	if reconnects := e.conn.Stats().Reconnects; reconnects != e.reconnects {
		e.reconnects, e.failures = reconnects, 0
	}
	if e.failures++; e.failures < deafLists || !e.conn.IsConnected() {
		return nil
	}
	e.failures = 0
	return e.conn.ForceReconnect()
}
