package rpc

import (
	"context"

	"google.golang.org/grpc"
)

// boundedUnary gives a call a deadline if its caller has set none.
func boundedUnary(ctx context.Context, request any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	if _, bounded := ctx.Deadline(); bounded {
		return handler(ctx, request)
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return handler(ctx, request)
}
