package store

import "github.com/nats-io/nats.go"

// failoverLists is the number of failed lists in a row after which the connection moves
// to another server.
const failoverLists = 3

// failover moves a connection away from a server that repeatedly fails to send a list. A
// server that was cut off from the other servers keeps its clients although it cannot
// serve them.
type failover struct {
	conn       *nats.Conn
	reconnects uint64
	failures   int
}

// listed records that the server sent a list.
func (f *failover) listed() { f.failures = 0 }

// failed records a failed list, and reconnects after failoverLists of them. Another
// bucket on the same connection may have reconnected already; then the count starts
// again.
func (f *failover) failed() error {
	if reconnects := f.conn.Stats().Reconnects; reconnects != f.reconnects {
		f.reconnects, f.failures = reconnects, 0
	}
	if f.failures++; f.failures < failoverLists || !f.conn.IsConnected() {
		return nil
	}
	f.failures = 0
	return f.conn.ForceReconnect()
}
