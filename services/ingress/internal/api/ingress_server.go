package api

import (
	"context"

	ingressv1 "github.com/skep-dev/skep/proto/gen/go/skep/ingress/v1"

	"github.com/skep-dev/skep/libs/engine/collection"
)

// IngressServer serves IngressService.
type IngressServer struct {
	ingressv1.UnimplementedIngressServiceServer
	ingresses *collection.Collection[*ingressv1.Ingress]
	keeper    *Ingresses
}

// NewIngressServer returns the gRPC face of ingresses.
func NewIngressServer(ingresses *Ingresses) *IngressServer {
	return &IngressServer{ingresses: ingresses.collection(), keeper: ingresses}
}

// ApplyIngress implements IngressService.
func (s *IngressServer) ApplyIngress(ctx context.Context, in *ingressv1.ApplyIngressRequest) (*ingressv1.ApplyIngressResponse, error) {
	i, err := s.ingresses.Apply(ctx, in.GetIngress(), in.GetValidateOnly())
	if err != nil {
		return nil, err
	}
	return &ingressv1.ApplyIngressResponse{Ingress: i}, nil
}

// GetIngress implements IngressService.
func (s *IngressServer) GetIngress(_ context.Context, in *ingressv1.GetIngressRequest) (*ingressv1.GetIngressResponse, error) {
	i, err := s.ingresses.Get(in.GetName())
	if err != nil {
		return nil, err
	}
	return &ingressv1.GetIngressResponse{Ingress: i}, nil
}

// ListIngresses implements IngressService.
func (s *IngressServer) ListIngresses(_ context.Context, in *ingressv1.ListIngressesRequest) (*ingressv1.ListIngressesResponse, error) {
	found, next, err := s.ingresses.List(in.GetParent(), in)
	if err != nil {
		return nil, err
	}
	return &ingressv1.ListIngressesResponse{Ingresses: found, NextPageToken: next}, nil
}

// DeleteIngress implements IngressService.
func (s *IngressServer) DeleteIngress(ctx context.Context, in *ingressv1.DeleteIngressRequest) (*ingressv1.DeleteIngressResponse, error) {
	i, err := s.ingresses.Delete(ctx, in)
	if err != nil {
		return nil, err
	}
	return &ingressv1.DeleteIngressResponse{Ingress: i}, nil
}

// WatchIngresses implements IngressService.
func (s *IngressServer) WatchIngresses(in *ingressv1.WatchIngressesRequest, stream ingressv1.IngressService_WatchIngressesServer) error {
	return s.ingresses.Watch(stream.Context(), in.GetParent(), in.GetFilter(), func(c collection.Change[*ingressv1.Ingress]) error {
		return stream.Send(&ingressv1.WatchIngressesResponse{Ingress: c.Resource, Deleted: c.Deleted, Synced: c.Synced})
	})
}

// PlanIngress implements IngressService.
func (s *IngressServer) PlanIngress(ctx context.Context, in *ingressv1.PlanIngressRequest) (*ingressv1.PlanIngressResponse, error) {
	return s.keeper.plan(ctx, in)
}
