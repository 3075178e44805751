package rpc

import (
	"context"

	"google.golang.org/grpc"

	"github.com/skep-dev/skep/libs/platform/validation"
)

// validatedUnary lets no bad request through.
func validatedUnary(ctx context.Context, request any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	if err := validation.Request(request); err != nil {
		return nil, err
	}
	return handler(ctx, request)
}

// validatedStream lets no bad message of a client through.
func validatedStream(service any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	return handler(service, validating{stream})
}

// validating is a stream that validates what it receives.
type validating struct{ grpc.ServerStream }

// RecvMsg receives a message and validates it.
func (v validating) RecvMsg(message any) error {
	if err := v.ServerStream.RecvMsg(message); err != nil {
		return err
	}
	return validation.Request(message)
}
