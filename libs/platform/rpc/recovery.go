package rpc

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/recovery"
	"google.golang.org/grpc"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// recoveredUnary answers a panic with an internal fault, and the server continues.
func recoveredUnary() grpc.UnaryServerInterceptor {
	return recovery.UnaryServerInterceptor(recovery.WithRecoveryHandlerContext(recovered))
}

func recoveredStream() grpc.StreamServerInterceptor {
	return recovery.StreamServerInterceptor(recovery.WithRecoveryHandlerContext(recovered))
}

// recovered logs the panic with its stack, which the caller does not receive.
func recovered(ctx context.Context, cause any) error {
	method, _ := grpc.Method(ctx)
	slog.ErrorContext(ctx, "call panicked", "method", method, "panic", fmt.Sprint(cause), "stack", string(debug.Stack()))
	return fault.Of(fmt.Errorf("panic: %v", cause))
}
