// Package network is the network service: it keeps VPCs, subnets, gateways,
// routes and security groups as networks declare them.
package network

import (
	"context"

	"google.golang.org/grpc"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"

	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/queue"
	"github.com/skep-dev/skep/libs/engine/reconciler"
	"github.com/skep-dev/skep/libs/engine/service"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/process"
	"github.com/skep-dev/skep/services/network/internal/api"
)

// Name is the name of the service and of its bucket.
const Name = "network"

// referrers are the services whose records name networks, and keep them from
// being deleted.
var referrers = []string{"compute", "ingress", "bastion"}

// Service is the network service.
type Service struct {
	server     *api.Server
	buckets    []*store.Bucket
	controller *queue.Controller
}

// New opens what the service needs and starts nothing.
func New(ctx context.Context, means service.Dependencies) (service.Service, error) {
	own, err := means.Bucket(ctx, Name)
	if err != nil {
		return nil, err
	}
	networks := &api.Networks{Bucket: own, Sessions: means.Sessions, Installation: means.Installation}
	buckets, wakes := []*store.Bucket{own}, []queue.Wake(nil)
	for _, name := range referrers {
		bucket, err := means.Bucket(ctx, name)
		if err != nil {
			return nil, err
		}
		buckets = append(buckets, bucket)
		networks.Referrers = append(networks.Referrers, &object.Referrers{Bucket: bucket, Field: "network"})
		wakes = append(wakes, reconciler.WakeReferenced(bucket, object.Networks, "network"))
	}
	controller, err := queue.New(queue.Options{
		Service: Name, Identity: means.Replica, Group: means.Group, Conn: means.Conn, Bucket: own, Wakes: wakes,
		Reconcile: reconciler.Each(networks.Reconciler()),
	})
	if err != nil {
		return nil, err
	}
	return &Service{server: api.NewServer(networks), buckets: buckets, controller: controller}, nil
}

// Register implements service.Service.
func (s *Service) Register(registrar grpc.ServiceRegistrar) {
	networkv1.RegisterNetworkServiceServer(registrar, s.server)
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
