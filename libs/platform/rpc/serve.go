package rpc

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"google.golang.org/grpc"

	"github.com/skep-dev/skep/libs/platform/fault"
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
		slog.InfoContext(ctx, "serving grpc", "address", listener.Addr().String())
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

// ServeLocal is Serve for clients within the process only; see Local.
func (s *Server) ServeLocal(ctx context.Context) error {
	select {
	case <-ctx.Done():
		s.shutDown()
	case <-s.stopping.Done():
	}
	return nil
}

// shutDown stops the server, gracefully for as long as that may take.
func (s *Server) shutDown() {
	s.stop()
	s.health.Shutdown()
	s.inprocess.close()
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		s.grpc.GracefulStop()
		s.inprocess.calls.Wait()
	}()
	limit := time.NewTimer(stopTimeout)
	defer limit.Stop()
	select {
	case <-finished:
	case <-limit.C:
		slog.Warn("calls did not finish in time and are cut off", "limit", stopTimeout)
		s.grpc.Stop()
		s.inprocess.cutOff()
		<-finished
	}
}

// Close stops the server at once and cuts off what is under way. A server that was
// only reached through Loopback is stopped by it; after Serve it does nothing.
func (s *Server) Close() {
	s.stop()
	s.health.Shutdown()
	s.inprocess.close()
	s.inprocess.cutOff()
	s.grpc.Stop()
}

// Stopping is closed as soon as the server is told to stop.
func (s *Server) Stopping() <-chan struct{} { return s.stopping.Done() }

// errStopping is what a stream ends with when the server is told to stop: clients
// watch again, at a replica that goes on.
var errStopping = fault.Unavailablef("the server is stopping")
