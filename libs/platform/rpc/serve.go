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

// Serve returns a function that serves at a TCP address until its context ends. Then health reports that nothing is
// served, streams end with an Unavailable fault, and unary calls have 10 s to finish.
func (s *Server) Serve(listen string) func(context.Context) error {
	return func(ctx context.Context) error {
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", listen)
		if err != nil {
			return fmt.Errorf("listen: %w", err)
		}
		return s.ServeListener(listener)(ctx)
	}
}

// ServeListener is like Serve with a listener, which it closes.
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

// ServeLocal is like Serve for clients within the process only; see Local.
func (s *Server) ServeLocal(ctx context.Context) error {
	select {
	case <-ctx.Done():
		s.shutDown()
	case <-s.stopping.Done():
	}
	return nil
}

// shutDown stops the server gracefully, for at most stopTimeout.
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
		slog.Warn("calls did not finish in time and are canceled", "limit", stopTimeout)
		s.grpc.Stop()
		s.inprocess.cutOff()
		<-finished
	}
}

// Close stops the server at once and cancels calls in progress. Use it for a server that only Loopback reaches; after
// Serve it does nothing.
func (s *Server) Close() {
	s.stop()
	s.health.Shutdown()
	s.inprocess.close()
	s.inprocess.cutOff()
	s.grpc.Stop()
}

// Stopping returns a channel that is closed when the server starts to stop.
func (s *Server) Stopping() <-chan struct{} { return s.stopping.Done() }

// errStopping ends streams when the server starts to stop: clients watch again at another replica.
var errStopping = fault.Unavailablef("the server is stopping")
