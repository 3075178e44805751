// Package admin holds `skep admin`, the commands of the operator for the state of Skep:
// backup, restore, acceptance after a rollback, and audit of the changes in AWS. It
// connects to NATS as administrator and not to the API, so it works while all services
// are down.
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

// timeout bounds each command except backup, restore and audit.
const timeout = time.Minute

// Command returns `skep admin`.
func Command() *cobra.Command {
	reach := &reach{}
	cmd := &cobra.Command{
		Use:   "admin",
		Short: "Back up, restore and audit the state",
		Long: `Back up, restore and audit the state of Skep, and accept it after a rollback.

Without --nats the command uses the state in the data directory of ` + "`skep up`" + `, which
must be stopped or run with --listen-nats. With --nats it uses an external NATS and
reads the passwords of the administrators from the same environment variables as
` + "`skep provision`" + `.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.PersistentFlags().StringVar(&reach.url, "nats", "", "servers of an external NATS, separated by commas")
	cmd.AddCommand(reach.stateCommand(), reach.acceptCommand(), reach.backupCommand(), reach.restoreCommand(), reach.auditCommand())
	return cmd
}

// reach locates the state.
type reach struct{ url string }

// on returns a command function that connects to the state and calls run.
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

// open connects to the state. The caller calls done.
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
	if admin, err = bus.ReadAdmins(allinone.AdminsFile(dataDir)); err != nil {
		return nil, nil, fault.Fault{
			Kind: fault.Precondition, Class: fault.Configuration, Message: fmt.Sprintf("the suite in %s is running, and its NATS does not listen", dataDir),
			Remedy: "Stop the suite, or run it with --listen-nats 127.0.0.1:4222.",
		}.Because(err)
	}
	return admin, func() {}, nil
}
