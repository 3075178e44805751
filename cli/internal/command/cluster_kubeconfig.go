package command

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"

	"github.com/skep-dev/skep/cli/internal/objecttype"
	"github.com/skep-dev/skep/cli/internal/output"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// clusterKubeconfig is `skep cluster kubeconfig`.
func (s *settings) clusterKubeconfig() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "kubeconfig NAME",
		Short: "Print a kubeconfig with a short-lived client certificate",
		Args:  one("cluster"),
		RunE: s.on(func(cmd *cobra.Command, clusters clusterv1.ClusterServiceClient, name string) error {
			out, err := clusters.GenerateKubeconfig(cmd.Context(), &clusterv1.GenerateKubeconfigRequest{Name: name})
			if err != nil {
				return err
			}
			switch {
			case s.output == output.JSON || s.output == output.YAML:
				return output.Message(cmd.OutOrStdout(), s.output, out)
			case file == "":
				_, err = fmt.Fprint(cmd.OutOrStdout(), out.GetKubeconfig())
				return err
			}
			if err := writeSecret(file, out.GetKubeconfig()); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is valid for %s.\n→ kubectl --kubeconfig %s get nodes\n", file, until(out), file)
			return err
		}),
		ValidArgsFunction: s.completeOne(objecttype.Cluster),
	}
	cmd.Flags().StringVar(&file, "file", "", "write to this file, readable only by you, instead of the standard output")
	return cmd
}

// writeSecret writes a file that only its owner can read. It renames a complete file
// into place, so that a process with the old file open never reads the new content.
func writeSecret(path, content string) error {
	draft, err := os.CreateTemp(filepath.Dir(path), ".kubeconfig-*") // CreateTemp sets mode 0600.
	if err != nil {
		return unwritable(err)
	}
	defer func() { _ = os.Remove(draft.Name()) }()
	_, err = draft.WriteString(content)
	if closed := draft.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(draft.Name(), path)
	}
	return unwritable(err)
}

func unwritable(err error) error {
	if err == nil {
		return nil
	}
	return fault.Preconditionf("Name a file in a directory to which you can write.", "%s", fmt.Errorf("write kubeconfig: %w", err))
}

// until returns the remaining validity of the certificate.
func until(out *clusterv1.GenerateKubeconfigResponse) string {
	return output.Duration(time.Until(out.GetExpireTime().AsTime()))
}
