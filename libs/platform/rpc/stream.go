package rpc

import (
	"context"
	"errors"

	"github.com/grpc-ecosystem/go-grpc-middleware/v2"
	"google.golang.org/grpc"
)

// stoppableStream ends the context of a stream when the server starts to stop, because a stream that watches has no
// end of its own.
func (s *Server) stoppableStream(service any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	ctx, cancel := context.WithCancelCause(stream.Context())
	defer cancel(nil)
	defer context.AfterFunc(s.stopping, func() { cancel(errStopping) })()
	err := handler(service, withContext(stream, ctx))
	if err != nil && errors.Is(context.Cause(ctx), errStopping) {
		return errStopping
	}
	return err
}

// withContext returns the stream with another context.
func withContext(stream grpc.ServerStream, ctx context.Context) grpc.ServerStream {
	wrapped := middleware.WrapServerStream(stream)
	wrapped.WrappedContext = ctx
	return wrapped
}
