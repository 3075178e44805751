// Package bastion is the bastion service: it keeps hosts in private subnets, the
// way in for people, as bastions declare them.
package bastion

import (
	"context"

	"google.golang.org/grpc"

	bastionv1 "github.com/skep-dev/skep/proto/gen/go/skep/bastion/v1"

	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/queue"
	"github.com/skep-dev/skep/libs/engine/reconciler"
	"github.com/skep-dev/skep/libs/engine/service"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/process"
	"github.com/skep-dev/skep/services/bastion/internal/api"
)

// Name is the name of the service and of its bucket.
const Name = "bastion"

// network is the service that provides subnets and security groups.
const network = "network"

// Service is the bastion service.
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
	networks, err := means.Bucket(ctx, network)
	if err != nil {
		return nil, err
	}
	bastions := &api.Bastions{Bucket: own, Networks: networks, Sessions: means.Sessions, Installation: means.Installation}
	controller, err := queue.New(queue.Options{
		Service: Name, Identity: means.Replica, Group: means.Group, Conn: means.Conn, Bucket: own,
		Wakes:     []queue.Wake{reconciler.WakeReferrers(networks, object.Networks, &object.Referrers{Bucket: own, Field: network})},
		Reconcile: reconciler.Each(bastions.Reconciler()),
	})
	if err != nil {
		return nil, err
	}
	return &Service{server: api.NewServer(bastions), buckets: []*store.Bucket{own, networks}, controller: controller}, nil
}

// Register implements service.Service.
func (s *Service) Register(registrar grpc.ServiceRegistrar) {
	bastionv1.RegisterBastionServiceServer(registrar, s.server)
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
