package command

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"

	"github.com/skep-dev/skep/cli/internal/document"
	"github.com/skep-dev/skep/cli/internal/objecttype"
	"github.com/skep-dev/skep/cli/internal/output"
)

// writing is a command that makes a change from a document. Its fields but the
// last two are flags.
type writing struct {
	file source
	wait waiting
	dry  bool
	// done says what was done, such as `created`; request asks for it.
	done    string
	request func(ctx context.Context, clusters clusterv1.ClusterServiceClient, name string, d document.Document, dry bool) (*clusterv1.Cluster, error)
}

// bind gives the command its flags. Waiting ends when the cluster is what until says.
func (w *writing) bind(cmd *cobra.Command, until string) {
	w.file.bind(cmd)
	w.wait.bind(cmd.Flags(), until)
	cmd.Flags().BoolVar(&w.dry, "dry-run", false, "check everything and change nothing")
}

// run makes the change, says so, and waits for it if wished.
func (w *writing) run(s *settings, cmd *cobra.Command, id string) error {
	name := s.cluster(id)
	d, err := w.file.read(cmd, name)
	if err != nil {
		return err
	}
	clusters, hangUp, err := s.clusters()
	if err != nil {
		return err
	}
	defer hangUp()
	changed, err := w.request(cmd.Context(), clusters, name, d, w.dry)
	if err != nil {
		return err
	}
	if w.wait.wait && !w.dry {
		if changed, err = s.wait(cmd, clusters, changed, w.wait); err != nil {
			return err
		}
	}
	if s.output != "" && s.output != output.Table {
		return s.showCluster(cmd, s.output, changed)
	}
	if w.dry {
		_, err = fmt.Fprintf(cmd.OutOrStdout(), "Cluster %s could be %s; nothing was changed.\n", objecttype.ID(name), w.done)
		return err
	}
	if !w.wait.wait {
		_, err = fmt.Fprintf(cmd.OutOrStdout(), "Cluster %s was %s.\n→ skep cluster watch %[1]s\n", objecttype.ID(name), w.done)
		return err
	}
	return s.reachable(cmd, changed)
}
