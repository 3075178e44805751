package admin

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/skep-dev/skep/libs/platform/backup"
	"github.com/skep-dev/skep/libs/platform/bus"
	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/libs/platform/topology"
)

// backupCommand is `skep admin backup`.
func (r *reach) backupCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "backup FILE",
		Short: "Write the whole state to a file",
		Long: `Write the whole state to a file that only you can read. Services may keep running.
Back up the sealing key too, in another place: without it, the secrets in the backup
cannot be decrypted.`,
		Args: cobra.ExactArgs(1),
		RunE: r.on(func(ctx context.Context, cmd *cobra.Command, args []string, admin bus.Connect) error {
			manifest, err := backup.Take(ctx, admin, topology.Suite(), args[0])
			if err != nil {
				return err
			}
			info, err := os.Stat(args[0])
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s holds %s: %d streams with %d messages in %d KB.\n",
				args[0], describe(manifest), len(manifest.Streams), messages(manifest), info.Size()/1000)
			return err
		}),
	}
}

// restoreCommand is `skep admin restore`.
func (r *reach) restoreCommand() *cobra.Command {
	var options backup.Options
	cmd := &cobra.Command{
		Use:   "restore FILE",
		Short: "Replace the state with a backup",
		Long: `Replace the state with a backup. The state must be empty unless --force is given. The
command checks the file before it changes anything. Stop the services first, or
let them run: they notice.

A restored state is older than AWS. Services answer requests and change nothing in
AWS until you run ` + "`skep admin accept`" + `.`,
		Args: cobra.ExactArgs(1),
		RunE: r.on(func(ctx context.Context, cmd *cobra.Command, args []string, admin bus.Connect) error {
			manifest, err := backup.Restore(ctx, admin, topology.Suite(), args[0], options)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), `Restored %s.
Services change nothing in AWS yet. Start separate services with SKEP_INSTALLATION=%s.
Check the objects that they show. When these are correct, run:

  skep admin accept

Skep then finds AWS resources that are newer than the backup by their tags, if a
cluster in the backup declares them. It leaves all others unchanged.
`, describe(manifest), manifest.Installation)
			return err
		}),
	}
	cmd.Flags().BoolVar(&options.Force, "force", false, "replace a state that is not empty")
	cmd.Flags().IntVar(&options.Replicas, "replicas", 1, "number of servers that store each stream: 1, or 3 with three servers in three zones")
	return cmd
}

// acceptCommand is `skep admin accept`.
func (r *reach) acceptCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "accept",
		Short: "Accept the current state after a rollback",
		Long: `Accept the current state although it was newer before: after a restore, or after the
store was rolled back to an older copy. Services continue within seconds. Before they
create a resource that the state may have lost, they search for it in AWS. A cluster
that was deleted in the meantime is created again: delete it first if you do not want
it.`,
		Args: cobra.NoArgs,
		RunE: r.on(func(ctx context.Context, cmd *cobra.Command, _ []string, admin bus.Connect) error {
			ctx, cancel := context.WithTimeout(ctx, timeout)
			defer cancel()
			if err := bus.Accept(ctx, admin, topology.Suite()); err != nil {
				return fault.Unavailablef("accept the state: %s", err).Because(err)
			}
			_, err := fmt.Fprintln(cmd.OutOrStdout(), "The current state is accepted.")
			return err
		}),
	}
}

func describe(m backup.Manifest) string {
	return fmt.Sprintf("installation %s as of %s", m.Installation, m.Time.Local().Format(time.DateTime))
}

func messages(m backup.Manifest) uint64 {
	var n uint64
	for _, s := range m.Streams {
		n += s.Messages
	}
	return n
}
