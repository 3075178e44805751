package store

import (
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
)

const (
	// pingInterval is the interval between pings of the server, and pingsMissing the number
	// of answers that may be missing: the connection leaves a silent server after 15 s. The
	// defaults of the client library take six minutes.
	pingInterval = 5 * time.Second
	pingsMissing = 2
)

// Dial connects to NATS servers as a user. The URL may list several servers, separated
// by commas. The connection moves to another server when its server closes it or stops
// answering, and tries forever.
func Dial(url, user, password string, more ...nats.Option) (*nats.Conn, error) {
	options := append([]nats.Option{
		nats.Name("skep-" + user), nats.UserInfo(user, password), nats.MaxReconnects(-1),
		nats.PingInterval(pingInterval), nats.MaxPingsOutstanding(pingsMissing),
	}, more...)
	nc, err := nats.Connect(url, options...)
	if err != nil {
		return nil, fmt.Errorf("connect to nats as %s: %w", user, err)
	}
	return nc, nil
}
