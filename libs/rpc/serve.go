package rpc

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"

	"github.com/skep-dev/skep/libs/fault"
)

// Serve returns a part of a process that serves at a TCP address until its context
// ends. Then health says that nothing is served, streams end with an Unavailable
// fault, and unary calls have 10 s to finish.
func (s *Server) Serve(listen string) func(context.Context) error {
	return func(ctx context.Context) error {
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", listen)
		if err != nil {
			return fmt.Errorf("listen: %w", err)
		}
		return s.ServeListener(listener)(ctx)
	}
}

// ServeListener is Serve with a listener, which it closes.
func (s *Server) ServeListener(listener net.Listener) func(context.Context) error {
	return func(ctx context.Context) error {
		level := slog.LevelInfo
		if listener.Addr().Network() == inProcess {
			level = slog.LevelDebug
		}
		slog.Log(ctx, level, "serving grpc", "address", listener.Addr().String())
		stopped := make(chan struct{})
		cancel := context.AfterFunc(ctx, func() {
			defer close(stopped)
			s.shutDown()
		})
		err := s.grpc.Serve(listener)
		if !cancel() {
			<-stopped
		}
		if err != nil && !errors.Is(err, grpc.ErrServerStopped) {
			return fmt.Errorf("serve grpc: %w", err)
		}
		return nil
	}
}

// inProcess is the network of a listener that nobody outside can reach.
const inProcess = "bufconn"

// shutDown stops the server, gracefully for as long as that may take.
func (s *Server) shutDown() {
	s.stop()
	s.health.Shutdown()
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		s.grpc.GracefulStop()
	}()
	limit := time.NewTimer(stopTimeout)
	defer limit.Stop()
	select {
	case <-finished:
	case <-limit.C:
		slog.Warn("calls did not finish in time and are cut off", "limit", stopTimeout)
		s.grpc.Stop()
		<-finished
	}
}

// Close stops the server at once and cuts off what is under way. A server that was
// only reached through Loopback is stopped by it; after Serve it does nothing.
func (s *Server) Close() {
	s.stop()
	s.health.Shutdown()
	s.grpc.Stop()
}

// Loopback returns a client of this server within the process, through the same
// interceptors as a client from outside. Call it after the last RegisterService.
// The caller closes the connection, and the server with Close unless it is served
// as well. What options set comes on top, such as grpc.WithPerRPCCredentials.
func (s *Server) Loopback(options ...grpc.DialOption) (*grpc.ClientConn, error) {
	listener := bufconn.Listen(64 << 10)
	// The error is that the server has stopped, and callers are told so by their calls.
	go func() { _ = s.grpc.Serve(listener) }()
	all := append(clientOptions(), grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	connection, err := grpc.NewClient("passthrough:///loopback", append(all, options...)...)
	if err != nil {
		return nil, fmt.Errorf("dial loopback: %w", err)
	}
	return connection, nil
}

// errStopping is what a stream ends with when the server is told to stop: clients
// watch again, at a replica that goes on.
var errStopping = fault.Unavailablef("the server is stopping")
