package suite

import (
	"errors"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"
)

// connect connects a service, which fails the test when it does what its account
// forbids: the answer would never come, and nothing else would tell.
func (w *Suite) connect(service string) (*nats.Conn, error) {
	conn, err := w.nats.Connect(service)
	if err != nil {
		return nil, err
	}
	conn.SetErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
		if errors.Is(err, nats.ErrPermissionViolation) {
			w.t.Errorf("%s: %s", service, err)
		}
	})
	return conn, nil
}

// NATS connects to the bus as the user of a service.
func (w *Suite) NATS(service string) *nats.Conn {
	w.t.Helper()
	return w.kept(w.nats.Connect(service))
}

// Admin connects to the bus as the administrator of a service's account.
func (w *Suite) Admin(service string) *nats.Conn {
	w.t.Helper()
	return w.kept(w.nats.ConnectAdmin(service))
}

// kept is a connection that is closed when the test ends.
func (w *Suite) kept(conn *nats.Conn, err error) *nats.Conn {
	w.t.Helper()
	require.NoError(w.t, err)
	w.t.Cleanup(conn.Close)
	return conn
}
