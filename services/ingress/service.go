// Package ingress is the ingress service: it keeps load balancers, target groups,
// hosted zones and records as API endpoints and ingresses declare them.
package ingress

import (
	"context"

	"google.golang.org/grpc"

	ingressv1 "github.com/skep-dev/skep/proto/gen/go/skep/ingress/v1"

	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/queue"
	"github.com/skep-dev/skep/libs/engine/reconciler"
	"github.com/skep-dev/skep/libs/engine/service"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/process"
	"github.com/skep-dev/skep/services/ingress/internal/api"
)

// Name is the name of the service and of its bucket.
const Name = "ingress"

// Service is the ingress service.
type Service struct {
	endpoints  *api.EndpointServer
	ingresses  *api.IngressServer
	buckets    []*store.Bucket
	controller *queue.Controller
}

// New opens what the service needs and starts nothing.
func New(ctx context.Context, means service.Dependencies) (service.Service, error) {
	own, err := means.Bucket(ctx, Name)
	if err != nil {
		return nil, err
	}
	networks, err := means.Bucket(ctx, "network")
	if err != nil {
		return nil, err
	}
	inEndpoint := &object.Referrers{Bucket: own, Field: "api_endpoint"}
	inNetwork := &object.Referrers{Bucket: own, Field: "network"}
	endpoints := &api.Endpoints{Bucket: own, Networks: networks, Sessions: means.Sessions, Installation: means.Installation, Referrers: inEndpoint}
	ingresses := &api.Ingresses{Bucket: own, Networks: networks, Sessions: means.Sessions, Installation: means.Installation}
	controller, err := queue.New(queue.Options{
		Service: Name, Identity: means.Replica, Group: means.Group, Conn: means.Conn, Bucket: own,
		Wakes: []queue.Wake{
			reconciler.WakeReferrers(networks, object.Networks, inNetwork),
			reconciler.WakeReferrers(own, object.ApiEndpoints, inEndpoint),
			reconciler.WakeReferenced(own, object.ApiEndpoints, "api_endpoint"),
		},
		Reconcile: reconciler.Each(endpoints.Reconciler(), ingresses.Reconciler()),
	})
	if err != nil {
		return nil, err
	}
	return &Service{
		endpoints:  api.NewEndpointServer(endpoints),
		ingresses:  api.NewIngressServer(ingresses),
		buckets:    []*store.Bucket{own, networks},
		controller: controller,
	}, nil
}

// Register implements service.Service.
func (s *Service) Register(registrar grpc.ServiceRegistrar) {
	ingressv1.RegisterApiEndpointServiceServer(registrar, s.endpoints)
	ingressv1.RegisterIngressServiceServer(registrar, s.ingresses)
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
