package command

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"

	"github.com/skep-dev/skep/cli/internal/objecttype"
	"github.com/skep-dev/skep/cli/internal/output"
	"github.com/skep-dev/skep/cli/internal/progress"
	"github.com/skep-dev/skep/cli/internal/watch"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// waiting holds the flags of a command that can wait for the result of its request.
type waiting struct {
	wait    bool
	timeout time.Duration
	live
}

func (w *waiting) bind(flags *pflag.FlagSet, until string) {
	flags.BoolVar(&w.wait, "wait", false, "wait until the cluster "+until+", and show the progress")
	flags.DurationVar(&w.timeout, "timeout", time.Hour, "maximum time to wait")
	w.live.bind(flags)
}

// live holds the flags of a command that shows progress.
type live struct {
	plain bool
	scale float64
}

func (l *live) bind(flags *pflag.FlagSet) {
	flags.BoolVar(&l.plain, "plain", false, "show progress as lines, also on a terminal")
	flags.Float64Var(&l.scale, "time-scale", 1, "factor by which the simulated AWS of the server is faster than AWS; durations are shown in AWS time")
}

// wait shows progress until the change is complete. If the output format is for
// programs, progress goes to the standard error.
func (s *settings) wait(cmd *cobra.Command, clusters clusterv1.ClusterServiceClient, changed *clusterv1.Cluster, w waiting) (*clusterv1.Cluster, error) {
	ctx, cancel := context.WithTimeoutCause(cmd.Context(), w.timeout, fault.Fault{
		Kind: fault.Unavailable, Class: fault.Transient, Uncertain: true,
		Message: fmt.Sprintf("cluster %s has not reached the expected state after %s", objecttype.ID(changed.GetName()), w.timeout),
		Remedy:  "The server continues. Watch it with `skep cluster watch " + objecttype.ID(changed.GetName()) + "`, or wait longer with --timeout.",
	}.Because(context.DeadlineExceeded))
	defer cancel()
	out := cmd.OutOrStdout()
	if s.output != "" && s.output != output.Table {
		out = cmd.ErrOrStderr()
	}
	last, err := progress.Follow(ctx, out, watch.One(clusters, changed.GetName()), changed.GetName(), s.progress(w.live, changed))
	if err != nil && ctx.Err() != nil && cmd.Context().Err() == nil {
		return last, context.Cause(ctx)
	}
	if last == nil {
		last = changed
	}
	return last, err
}

func (s *settings) progress(l live, since *clusterv1.Cluster) progress.Options {
	return progress.Options{Scale: l.scale, Plain: l.plain, NoColor: s.noColor, Since: since}
}

// reachable writes the addresses of a ready cluster.
func (s *settings) reachable(cmd *cobra.Command, c *clusterv1.Cluster) error {
	if c.GetStatus().GetApiUrl() == "" {
		return nil
	}
	_, err := fmt.Fprintf(s.styled(cmd), "\n%s %s\n%s %s\n→ skep cluster kubeconfig %s\n",
		output.Strong.Render("Kubernetes API"), c.GetStatus().GetApiUrl(),
		output.Strong.Render("Workloads     "), c.GetStatus().GetIngressHost(), objecttype.ID(c.GetName()))
	return err
}
