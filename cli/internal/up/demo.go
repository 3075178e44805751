package up

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/grpc"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"

	"github.com/skep-dev/skep/cli/allinone"
	"github.com/skep-dev/skep/cli/internal/document"
	"github.com/skep-dev/skep/cli/internal/progress"
	"github.com/skep-dev/skep/libs/platform/rpc"
	"github.com/skep-dev/skep/libs/platform/telemetry"
)

// Demo returns `skep demo`.
func Demo() *cobra.Command {
	var file string
	var scale float64
	var plain bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Create and delete one cluster in simulated AWS, and prove that nothing remains",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			d := &demo{file: file, scale: scale, plain: plain, out: os.Stdout}
			return d.run(cmd.Context())
		},
	}
	cmd.Flags().StringVarP(&file, "file", "f", "examples/quickstart.yaml", "document of the cluster")
	cmd.Flags().Float64Var(&scale, "time-scale", 20, "factor by which simulated AWS is faster than AWS")
	cmd.Flags().BoolVar(&plain, "plain", false, "show plain lines instead of a live tree")
	return cmd
}

// demo is one run of the demo.
type demo struct {
	file  string
	scale float64
	plain bool
	out   *os.File

	suite   *allinone.Suite
	clients clusterv1.ClusterServiceClient
}

// The cluster of the demo.
const (
	demoOrganization = "organizations/demo"
	demoCluster      = "quickstart"
	demoName         = demoOrganization + "/clusters/" + demoCluster
)

// run runs a suite in a temporary directory, on free ports. It creates and deletes the
// cluster through the public API and removes the directory.
func (d *demo) run(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "skep-demo-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	stop, err := telemetry.Start(ctx, telemetry.Config{Service: "skep-demo", LogLevel: quiet})
	if err != nil {
		return err
	}
	defer func() { _ = stop(context.WithoutCancel(ctx)) }()

	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var shown error
	shows := make(chan struct{})
	err = allinone.Run(ctx, allinone.Options{
		DataDir: dir, ListenREST: "127.0.0.1:0", ListenGRPC: "127.0.0.1:0",
		AWS: allinone.AWSOptions{Mode: "sim", TimeScale: d.scale},
		Ready: func(s *allinone.Suite) {
			d.suite = s
			go func() {
				defer close(shows)
				shown = d.show(ctx)
				cancel(errShown)
			}()
			<-shows
		},
	})
	return errors.Join(shown, err)
}

var errShown = errors.New("the demo is over")

// show runs the steps of the demo.
func (d *demo) show(ctx context.Context) error {
	conn, err := rpc.Dial(d.suite.GRPC, rpc.ClientOptions{Token: d.suite.Token})
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	d.clients = clusterv1.NewClusterServiceClient(conn)
	created, took, err := d.create(ctx)
	if err != nil {
		return err
	}
	if err := d.summarize(ctx, created, took); err != nil {
		return err
	}
	if err := d.remove(ctx); err != nil {
		return err
	}
	return d.prove()
}

// create creates the cluster and shows the progress. It returns the duration in AWS
// time.
func (d *demo) create(ctx context.Context) (*clusterv1.Cluster, time.Duration, error) {
	cluster, err := document.Read(d.file)
	if err != nil {
		return nil, 0, err
	}
	d.say("Creating %s from %s in simulated AWS, %g times faster than AWS.\n\n", demoName, d.file, d.scale)
	began := time.Now()
	out, err := d.clients.CreateCluster(ctx, &clusterv1.CreateClusterRequest{Parent: demoOrganization, ClusterId: demoCluster, Cluster: cluster})
	if err != nil {
		return nil, 0, err
	}
	last, err := d.follow(ctx, out.GetCluster())
	return last, time.Duration(float64(time.Since(began)) * d.scale), err
}

// remove deletes the cluster and shows the progress.
func (d *demo) remove(ctx context.Context) error {
	d.say("\nDeleting %s.\n\n", demoName)
	out, err := d.clients.DeleteCluster(ctx, &clusterv1.DeleteClusterRequest{Name: demoName})
	if err != nil {
		return err
	}
	_, err = d.follow(ctx, out.GetCluster())
	return err
}

// say prints. It ignores errors, so that a closed pipe does not keep the demo from
// deleting the cluster.
func (d *demo) say(format string, args ...any) { _, _ = fmt.Fprintf(d.out, format, args...) }

// follow shows the progress of the cluster until it is READY, FAILED or deleted.
func (d *demo) follow(ctx context.Context, since *clusterv1.Cluster) (*clusterv1.Cluster, error) {
	return progress.Follow(ctx, d.out, d.watch, demoName, progress.Options{Scale: d.scale, Plain: d.plain, Since: since})
}

func (d *demo) watch(ctx context.Context) (grpc.ServerStreamingClient[clusterv1.WatchClustersResponse], error) {
	return d.clients.WatchClusters(ctx, &clusterv1.WatchClustersRequest{Parent: demoOrganization})
}
