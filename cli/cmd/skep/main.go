// Command skep creates, changes, explains and deletes Kubernetes clusters on AWS.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/skep-dev/skep/cli/internal/admin"
	"github.com/skep-dev/skep/cli/internal/command"
	"github.com/skep-dev/skep/cli/internal/provision"
	"github.com/skep-dev/skep/cli/internal/up"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// After the first signal, a second one ends the process at once.
	context.AfterFunc(ctx, stop)
	os.Exit(command.CurrentProcess().Run(ctx, os.Args[1:], up.Command(), up.Demo(), provision.Command(), admin.Command()))
}
