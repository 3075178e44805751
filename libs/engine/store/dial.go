package store

import (
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
)

const (
	// pingInterval is how often a connection is tried, and pingsLost how many answers
	// may be missing: a server that is cut off without a word is left for another
	// after 15 s, where the client's own defaults take six minutes.
	pingInterval = 5 * time.Second
	pingsLost    = 2
)

// Dial connects to NATS servers by URL, several with commas between, as a user.
// The connection goes to another server when its own is gone or falls silent, and
// tries for ever.
func Dial(url, user, password string, more ...nats.Option) (*nats.Conn, error) {
	options := append([]nats.Option{
		nats.Name("skep-" + user), nats.UserInfo(user, password), nats.MaxReconnects(-1),
		nats.PingInterval(pingInterval), nats.MaxPingsOutstanding(pingsLost),
	}, more...)
	nc, err := nats.Connect(url, options...)
	if err != nil {
		return nil, fmt.Errorf("connect to nats as %s: %w", user, err)
	}
	return nc, nil
}
