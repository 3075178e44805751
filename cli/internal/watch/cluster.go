// Package watch returns the snapshots of one cluster as a sequence that survives restarts
// of the server.
package watch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"google.golang.org/grpc"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// pause is the delay before a broken watch is opened again.
const pause = time.Second

// Stream opens a watch: first the existing clusters, then every change.
type Stream func(ctx context.Context) (grpc.ServerStreamingClient[clusterv1.WatchClustersResponse], error)

// One returns a Stream of one cluster.
func One(client clusterv1.ClusterServiceClient, name string) Stream {
	return func(ctx context.Context) (grpc.ServerStreamingClient[clusterv1.WatchClustersResponse], error) {
		parent, _, _ := strings.Cut(name, "/clusters/")
		return client.WatchClusters(ctx, &clusterv1.WatchClustersRequest{Parent: parent, Filter: fmt.Sprintf("name = %q", name)})
	}
}

// Cluster yields every snapshot of a cluster, given by its full name, from the current one
// until the cluster is deleted. A cluster that does not exist is a fault. Once a
// snapshot was yielded, Cluster opens the watch again after the server stops.
func Cluster(ctx context.Context, open Stream, name string) iter.Seq2[*clusterv1.Cluster, error] {
	return func(yield func(*clusterv1.Cluster, error) bool) {
		w := &watch{open: open, name: name}
		for {
			err := w.once(ctx, yield)
			switch {
			case errors.Is(err, errEnd):
				return
			case w.seen && ctx.Err() == nil && (errors.Is(err, io.EOF) || fault.Is(err, fault.Unavailable)):
				select {
				case <-ctx.Done():
				case <-time.After(pause):
				}
			default:
				yield(nil, err)
				return
			}
		}
	}
}

// errEnd means that the cluster is deleted or that the caller stopped the sequence.
var errEnd = errors.New("end")

type watch struct {
	open Stream
	name string
	// seen means that a snapshot has been yielded.
	seen bool
}

// once reads one stream.
func (w *watch) once(ctx context.Context, yield func(*clusterv1.Cluster, error) bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := w.open(ctx)
	if err != nil {
		return err
	}
	there := false
	for {
		change, err := stream.Recv()
		switch {
		case err != nil:
			return err
		case change.GetCluster() != nil && change.GetCluster().GetName() != w.name:
		case change.GetDeleted():
			return errEnd
		case change.GetCluster() != nil:
			there, w.seen = true, true
			if !yield(change.GetCluster(), nil) {
				return errEnd
			}
		case change.GetSynced() && !there && w.seen:
			return errEnd // The cluster was deleted between two streams.
		case change.GetSynced() && !there:
			return fault.NotFoundf("cluster %q does not exist", w.name)
		}
	}
}
