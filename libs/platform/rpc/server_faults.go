package rpc

import (
	"context"
	"errors"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// faultsUnary turns every error into a fault.
func faultsUnary(ctx context.Context, request any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	response, err := handler(ctx, request)
	if err != nil {
		return nil, answer(err)
	}
	return response, nil
}

// faultsStream turns the error of a stream into a fault.
func faultsStream(service any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	return answer(handler(service, stream))
}

// answer returns the error that a caller receives: the fault in err, or a fault that says no more than that an
// internal error occurred. gRPC asks the fault for its status; the cause stays in the fault for the log. The end of
// the call's own context, and errors of gRPC itself, such as an unknown method, pass unchanged.
func answer(err error) error {
	if err == nil {
		return nil
	}
	if found := (*fault.Fault)(nil); errors.As(err, &found) {
		return found
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return status.FromContextError(err).Err()
	}
	switch s, ok := status.FromError(err); {
	case !ok, s.Code() == codes.Unknown, s.Code() == codes.Internal:
		return fault.Of(err)
	default:
		return s.Err()
	}
}
