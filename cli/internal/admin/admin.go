// Package admin holds `skep admin`, by which whoever runs Skep looks after its
// state: back it up, restore it, accept it after a loss, and read who did what in
// AWS. It speaks to NATS as its administrator and not to the API: it must work
// when nothing else does.
package admin

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/skep-dev/skep/cli/allinone"
	"github.com/skep-dev/skep/cli/internal/provision"
	"github.com/skep-dev/skep/libs/platform/bus"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// patience bounds a command that moves no state.
const patience = time.Minute

// Command returns `skep admin`.
func Command() *cobra.Command {
	reach := &reach{}
	cmd := &cobra.Command{
		Use:   "admin",
		Short: "Back up, restore and audit the state",
		Long: `Back up, restore and audit the state of Skep, and accept it after a loss.

Without --nats it is the state in the data directory of ` + "`skep up`" + `: of one that is
stopped, or of one that runs with --listen-nats. With --nats it is that of an
outside NATS; the passwords of its administrators are read from the environment
as ` + "`skep provision`" + ` reads them.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.PersistentFlags().StringVar(&reach.url, "nats", "", "the servers of an outside NATS, separated by commas")
	cmd.AddCommand(reach.stateCommand(), reach.acceptCommand(), reach.backupCommand(), reach.restoreCommand(), reach.auditCommand())
	return cmd
}

// reach is where the state is.
type reach struct{ url string }

// on runs a command on the state.
func (r *reach) on(run func(ctx context.Context, cmd *cobra.Command, args []string, admin bus.Connect) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		admin, done, err := r.open(cmd)
		if err != nil {
			return err
		}
		defer done()
		return run(cmd.Context(), cmd, args, admin)
	}
}

// open connects to where the state is.
func (r *reach) open(cmd *cobra.Command) (admin bus.Connect, done func(), err error) {
	if r.url != "" {
		admin, err = provision.Reach(r.url, os.LookupEnv)
		return admin, func() {}, err
	}
	dataDir, err := cmd.Flags().GetString("data-dir")
	if err != nil {
		return nil, nil, err
	}
	server, done, err := allinone.Offline(cmd.Context(), dataDir)
	if err == nil {
		return server.ConnectAdmin, done, nil
	}
	if !fault.Is(err, fault.Precondition) {
		return nil, nil, err
	}
	if admin, err = bus.Admitted(allinone.AdminsFile(dataDir)); err != nil {
		return nil, nil, fault.Fault{
			Kind: fault.Precondition, Class: fault.Configuration, Message: fmt.Sprintf("the suite in %s runs and its NATS is closed to other processes", dataDir),
			Remedy: "Stop it, or run it with --listen-nats 127.0.0.1:4222.",
		}.Because(err)
	}
	return admin, func() {}, nil
}
