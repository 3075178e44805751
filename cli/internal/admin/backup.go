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
)

// backupCommand is `skep admin backup`.
func (r *reach) backupCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "backup FILE",
		Short: "Write the whole state to a file",
		Long: `Write the whole state to a file that only you can read. Services may run
meanwhile. Keep the sealing key elsewhere: secrets in the backup are of no use
without it, nor is the backup of all use without the key.`,
		Args: cobra.ExactArgs(1),
		RunE: r.on(func(ctx context.Context, cmd *cobra.Command, args []string, admin bus.Connect) error {
			manifest, err := backup.Take(ctx, admin, bus.Suite(), args[0])
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
		Short: "Put a backup in place of the state",
		Long: `Put a backup in place of the state there is, which must be empty unless --force is
given. The file is checked before anything is touched. Stop the services first, or
let them run: they notice.

A restored state is older than AWS. Services read and answer, and change nothing
in AWS, until ` + "`skep admin accept`" + `.`,
		Args: cobra.ExactArgs(1),
		RunE: r.on(func(ctx context.Context, cmd *cobra.Command, args []string, admin bus.Connect) error {
			manifest, err := backup.Restore(ctx, admin, bus.Suite(), args[0], options)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), `Restored %s.
Nothing is changed in AWS yet. Services that run alone take SKEP_INSTALLATION=%s.
When what they show is right, or right enough to go on from:

  skep admin accept

What was made after the backup is then found by its tags where a cluster of the
backup still declares it, and left alone where none does.
`, describe(manifest), manifest.Installation)
			return err
		}),
	}
	cmd.Flags().BoolVar(&options.Force, "force", false, "replace a state that is not empty")
	cmd.Flags().IntVar(&options.Replicas, "replicas", 1, "how many servers keep each stream: 1, or 3 with three servers in three zones")
	return cmd
}

// acceptCommand is `skep admin accept`.
func (r *reach) acceptCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "accept",
		Short: "Go on from the state as it is, after it went back",
		Long: `Go on from the state as it is, though it was newer once: after a restore, or after
the store was set back to an older copy. Services go on within seconds. What the
state may have forgotten they look up in AWS before they create it. A cluster that
was deleted since is built again: delete it again first, if it is not wanted.`,
		Args: cobra.NoArgs,
		RunE: r.on(func(ctx context.Context, cmd *cobra.Command, _ []string, admin bus.Connect) error {
			ctx, cancel := context.WithTimeout(ctx, patience)
			defer cancel()
			if err := bus.Accept(ctx, admin, bus.Suite()); err != nil {
				return fault.Unavailablef("the state could not be accepted: %s", err).Because(err)
			}
			_, err := fmt.Fprintln(cmd.OutOrStdout(), "The state is accepted as it is.")
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
