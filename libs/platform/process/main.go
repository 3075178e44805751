package process

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
)

// Main is the body of func main: it runs serve until it returns or the process
// is told to stop by SIGINT or SIGTERM, and exits with 0, or with 1 if serve
// failed. A second signal ends the process at once.
func Main(name string, serve func(context.Context) error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal gives the signals back their usual effect.
	context.AfterFunc(ctx, stop)
	os.Exit(exitCode(ctx, name, serve))
}

// exitCode runs serve and says in the log, and by the code, how it ended. The
// logger is looked up afterwards, since serve is what sets it up.
func exitCode(ctx context.Context, name string, serve func(context.Context) error) int {
	if err := All(ctx, serve); err != nil {
		slog.Error("process failed", "process", name, "error", err)
		return 1
	}
	slog.Info("process stopped", "process", name)
	return 0
}
