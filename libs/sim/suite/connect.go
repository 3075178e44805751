package suite

import (
	"errors"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"
)

// connect connects a service. A permission violation fails the test: NATS answers it
// only with an asynchronous error, so the caller would wait for an answer forever.
func (s *Suite) connect(service string) (*nats.Conn, error) {
	conn, err := s.nats.Connect(service)
	if err != nil {
		return nil, err
	}
	conn.SetErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
		if errors.Is(err, nats.ErrPermissionViolation) {
			s.t.Errorf("%s: %s", service, err)
		}
	})
	return conn, nil
}

// NATS connects to NATS as the user of a service. The connection closes with the test.
func (s *Suite) NATS(service string) *nats.Conn {
	s.t.Helper()
	return s.closedAtEnd(s.nats.Connect(service))
}

// Admin connects to NATS as the administrator of a service's NATS account. The connection closes with the test.
func (s *Suite) Admin(service string) *nats.Conn {
	s.t.Helper()
	return s.closedAtEnd(s.nats.ConnectAdmin(service))
}

// closedAtEnd closes the connection when the test ends.
func (s *Suite) closedAtEnd(conn *nats.Conn, err error) *nats.Conn {
	s.t.Helper()
	require.NoError(s.t, err)
	s.t.Cleanup(conn.Close)
	return conn
}
