package rpc

import (
	"context"
	"log/slog"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// routine lists services that are called with nearly every AWS call. Their calls are logged at level debug.
var routine = []string{"/skep.identity.v1.BudgetSourceService/"}

// loggedUnary logs one line per call, without the payload.
func loggedUnary(ctx context.Context, request any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	start := time.Now()
	response, err := handler(ctx, request)
	logCall(ctx, info.FullMethod, start, err)
	return response, err
}

// loggedStream logs one line per stream, when it ends.
func loggedStream(service any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	start := time.Now()
	err := handler(service, stream)
	logCall(stream.Context(), info.FullMethod, start, err)
	return err
}

// logCall logs the line. An internal error is a bug of Skep and is logged with its cause; other errors are regular
// answers.
func logCall(ctx context.Context, method string, start time.Time, err error) {
	level := slog.LevelInfo
	if isOpen(method) || hasPrefix(method, routine) {
		level = slog.LevelDebug
	}
	attrs := []slog.Attr{
		slog.String("method", method),
		slog.String("code", status.Code(err).String()),
		slog.Duration("duration", time.Since(start)),
	}
	if err != nil {
		attrs = append(attrs, slog.String("error", err.Error()))
	}
	if status.Code(err) == codes.Internal {
		level = slog.LevelError
		if cause := fault.Of(err).Unwrap(); cause != nil {
			attrs = append(attrs, slog.String("cause", cause.Error()))
		}
	}
	slog.LogAttrs(ctx, level, "call", attrs...)
}
