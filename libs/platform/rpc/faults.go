package rpc

import (
	"context"
	"errors"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// faultyUnary answers every error with a fault.
func faultyUnary(ctx context.Context, request any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	response, err := handler(ctx, request)
	if err != nil {
		return nil, answer(err)
	}
	return response, nil
}

// faultyStream ends a stream that failed with a fault.
func faultyStream(service any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	return answer(handler(service, stream))
}

// answer is what a caller is told of an error: the fault in it, and of any other
// error no more than that it is internal. gRPC asks the fault for its status; the
// cause stays in it for the log. The end of the call's own context, and what gRPC
// itself says, such as that a method does not exist, are told as they are.
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
