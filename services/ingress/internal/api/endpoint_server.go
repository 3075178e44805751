// Package api is the gRPC face of the ingress service: it parses what comes in,
// renders what goes out, and leaves the rest to the collections.
package api

import (
	"context"

	ingressv1 "github.com/skep-dev/skep/proto/gen/go/skep/ingress/v1"

	"github.com/skep-dev/skep/libs/engine/collection"
)

// EndpointServer serves ApiEndpointService.
type EndpointServer struct {
	ingressv1.UnimplementedApiEndpointServiceServer
	endpoints *collection.Collection[*ingressv1.ApiEndpoint]
	keeper    *Endpoints
}

// NewEndpointServer returns the gRPC face of API endpoints.
func NewEndpointServer(endpoints *Endpoints) *EndpointServer {
	return &EndpointServer{endpoints: endpoints.collection(), keeper: endpoints}
}

// ApplyApiEndpoint implements ApiEndpointService.
func (s *EndpointServer) ApplyApiEndpoint(ctx context.Context, in *ingressv1.ApplyApiEndpointRequest) (*ingressv1.ApplyApiEndpointResponse, error) {
	e, err := s.endpoints.Apply(ctx, in.GetApiEndpoint(), in.GetValidateOnly())
	if err != nil {
		return nil, err
	}
	return &ingressv1.ApplyApiEndpointResponse{ApiEndpoint: e}, nil
}

// GetApiEndpoint implements ApiEndpointService.
func (s *EndpointServer) GetApiEndpoint(_ context.Context, in *ingressv1.GetApiEndpointRequest) (*ingressv1.GetApiEndpointResponse, error) {
	e, err := s.endpoints.Get(in.GetName())
	if err != nil {
		return nil, err
	}
	return &ingressv1.GetApiEndpointResponse{ApiEndpoint: e}, nil
}

// ListApiEndpoints implements ApiEndpointService.
func (s *EndpointServer) ListApiEndpoints(_ context.Context, in *ingressv1.ListApiEndpointsRequest) (*ingressv1.ListApiEndpointsResponse, error) {
	found, next, err := s.endpoints.List(in.GetParent(), in)
	if err != nil {
		return nil, err
	}
	return &ingressv1.ListApiEndpointsResponse{ApiEndpoints: found, NextPageToken: next}, nil
}

// DeleteApiEndpoint implements ApiEndpointService.
func (s *EndpointServer) DeleteApiEndpoint(ctx context.Context, in *ingressv1.DeleteApiEndpointRequest) (*ingressv1.DeleteApiEndpointResponse, error) {
	e, err := s.endpoints.Delete(ctx, in)
	if err != nil {
		return nil, err
	}
	return &ingressv1.DeleteApiEndpointResponse{ApiEndpoint: e}, nil
}

// WatchApiEndpoints implements ApiEndpointService.
func (s *EndpointServer) WatchApiEndpoints(in *ingressv1.WatchApiEndpointsRequest, stream ingressv1.ApiEndpointService_WatchApiEndpointsServer) error {
	return s.endpoints.Watch(stream.Context(), in.GetParent(), in.GetFilter(), func(c collection.Change[*ingressv1.ApiEndpoint]) error {
		return stream.Send(&ingressv1.WatchApiEndpointsResponse{ApiEndpoint: c.Resource, Deleted: c.Deleted, Synced: c.Synced})
	})
}

// PlanApiEndpoint implements ApiEndpointService.
func (s *EndpointServer) PlanApiEndpoint(ctx context.Context, in *ingressv1.PlanApiEndpointRequest) (*ingressv1.PlanApiEndpointResponse, error) {
	return s.keeper.plan(ctx, in)
}
