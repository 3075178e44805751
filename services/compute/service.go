// Package compute is the compute service: it keeps the machines of clusters, the
// control planes and the node pools, as they are declared.
package compute

import (
	"context"

	"google.golang.org/grpc"

	computev1 "github.com/skep-dev/skep/proto/gen/go/skep/compute/v1"

	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/queue"
	"github.com/skep-dev/skep/libs/engine/reconciler"
	"github.com/skep-dev/skep/libs/engine/service"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/process"
	"github.com/skep-dev/skep/services/compute/internal/api"
)

// Name is the name of the service and of its bucket.
const Name = "compute"

// Service is the compute service.
type Service struct {
	controlPlanes *api.ControlPlaneServer
	nodePools     *api.NodePoolServer
	buckets       []*store.Bucket
	controller    *queue.Controller
}

// New opens what the service needs and starts nothing.
func New(ctx context.Context, means service.Dependencies) (service.Service, error) {
	peers := &api.Peers{Sessions: means.Sessions, Installation: means.Installation}
	s := &Service{}
	for name, bucket := range map[string]**store.Bucket{
		Name: &peers.Own, "network": &peers.Network, "identity": &peers.Identity, "ingress": &peers.Ingress,
	} {
		opened, err := means.Bucket(ctx, name)
		if err != nil {
			return nil, err
		}
		*bucket = opened
		s.buckets = append(s.buckets, opened)
	}
	controlPlanes, nodePools := &api.ControlPlanes{Peers: peers}, &api.NodePools{Peers: peers}
	s.controlPlanes, s.nodePools = api.NewControlPlaneServer(controlPlanes), api.NewNodePoolServer(nodePools)
	controller, err := queue.New(queue.Options{
		Service: Name, Identity: means.Replica, Group: means.Group, Conn: means.Conn, Bucket: peers.Own, Wakes: wakes(peers),
		Reconcile: reconciler.Each(controlPlanes.Reconciler(), nodePools.Reconciler()),
	})
	if err != nil {
		return nil, err
	}
	s.controller = controller
	return s, nil
}

// wakes are the changes elsewhere that let machines go on: what they stand in,
// run under, join, and stand behind.
func wakes(peers *api.Peers) []queue.Wake {
	endpoints := &object.Referrers{Bucket: peers.Own, Field: "api_endpoint"}
	return []queue.Wake{
		reconciler.WakeReferrers(peers.Network, object.Networks, &object.Referrers{Bucket: peers.Own, Field: "network"}),
		reconciler.WakeReferrers(peers.Identity, object.ClusterIdentities, &object.Referrers{Bucket: peers.Own, Field: "cluster_identity"}),
		{Bucket: peers.Ingress, Keys: func(change store.Change) []string {
			// The ingress of a cluster has the id of its API endpoint.
			return endpoints.Keys(object.ApiEndpoints.Name(change.Key))
		}},
	}
}

// Register implements service.Service.
func (s *Service) Register(registrar grpc.ServiceRegistrar) {
	computev1.RegisterControlPlaneServiceServer(registrar, s.controlPlanes)
	computev1.RegisterNodePoolServiceServer(registrar, s.nodePools)
}

// Ready implements service.Service.
func (s *Service) Ready(ctx context.Context) error { return service.Synced(ctx, s.buckets...) }

// Run implements service.Service.
func (s *Service) Run(ctx context.Context) error {
	parts := []func(context.Context) error{s.controller.Run}
	for _, bucket := range s.buckets {
		parts = append(parts, bucket.Run)
	}
	return process.All(ctx, parts...)
}
