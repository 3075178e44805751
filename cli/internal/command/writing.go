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

// writing is a command that creates or updates a cluster from a document. All fields
// except done and request are flags.
type writing struct {
	file source
	wait waiting
	dry  bool
	// done is the past participle for messages, such as `created`. request calls the API.
	done    string
	request func(ctx context.Context, clusters clusterv1.ClusterServiceClient, name string, d document.Document, dry bool) (*clusterv1.Cluster, error)
}

// bind adds the flags to the command. until describes the state that ends --wait.
func (w *writing) bind(cmd *cobra.Command, until string) {
	w.file.bind(cmd)
	w.wait.bind(cmd.Flags(), until)
	cmd.Flags().BoolVar(&w.dry, "dry-run", false, "validate the request and change nothing")
}

// run sends the document, prints the result, and with --wait waits until the cluster
// reaches the expected state.
func (w *writing) run(s *settings, cmd *cobra.Command, id string) error {
	name := s.cluster(id)
	d, err := w.file.read(cmd, name)
	if err != nil {
		return err
	}
	clusters, closeConnection, err := s.clusters()
	if err != nil {
		return err
	}
	defer closeConnection()
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
		_, err = fmt.Fprintf(cmd.OutOrStdout(), "Cluster %s can be %s. The dry run changed nothing.\n", objecttype.ID(name), w.done)
		return err
	}
	if !w.wait.wait {
		_, err = fmt.Fprintf(cmd.OutOrStdout(), "Cluster %s was %s.\n→ skep cluster watch %[1]s\n", objecttype.ID(name), w.done)
		return err
	}
	return s.reachable(cmd, changed)
}
