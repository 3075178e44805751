package rpc

import (
	"context"

	"google.golang.org/grpc"
)

// deadlineUnary gives a call a deadline if its caller set none.
func deadlineUnary(ctx context.Context, request any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	if _, bounded := ctx.Deadline(); bounded {
		return handler(ctx, request)
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return handler(ctx, request)
}
