package rpc

import (
	"context"

	"google.golang.org/grpc"

	"github.com/skep-dev/skep/libs/platform/validation"
)

// validatedUnary refuses invalid requests.
func validatedUnary(ctx context.Context, request any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	if err := validation.Request(request); err != nil {
		return nil, err
	}
	return handler(ctx, request)
}

// validatedStream refuses invalid messages of a client.
func validatedStream(service any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	return handler(service, validating{stream})
}

// validating is a stream that validates the messages it receives.
type validating struct{ grpc.ServerStream }

// RecvMsg implements grpc.ServerStream.
func (v validating) RecvMsg(message any) error {
	if err := v.ServerStream.RecvMsg(message); err != nil {
		return err
	}
	return validation.Request(message)
}
