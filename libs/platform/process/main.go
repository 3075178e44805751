package process

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
)

// Main is the body of func main: it runs serve until it returns, or until SIGINT or SIGTERM ends its context. It
// exits with 0, or with 1 if serve failed. A second signal ends the process at once.
func Main(name string, serve func(context.Context) error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// After the first signal, signals have their default effect again.
	context.AfterFunc(ctx, stop)
	os.Exit(exitCode(ctx, name, serve))
}

// exitCode runs serve, logs how it ended, and returns the exit code. It reads the default logger at the end, because
// serve sets it.
func exitCode(ctx context.Context, name string, serve func(context.Context) error) int {
	if err := All(ctx, serve); err != nil {
		slog.Error("process failed", "process", name, "error", err)
		return 1
	}
	slog.Info("process stopped", "process", name)
	return 0
}
