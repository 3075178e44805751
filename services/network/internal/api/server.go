// Package api is the gRPC face of the network service: it parses what comes in,
// renders what goes out, and leaves the rest to the collection.
package api

import (
	"context"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"

	"github.com/skep-dev/skep/libs/engine/collection"
)

// Server serves NetworkService.
type Server struct {
	networkv1.UnimplementedNetworkServiceServer
	networks *collection.Collection[*networkv1.Network]
	keeper   *Networks
}

// NewServer returns the gRPC face of networks.
func NewServer(networks *Networks) *Server {
	return &Server{networks: networks.collection(), keeper: networks}
}

// ApplyNetwork implements NetworkService.
func (s *Server) ApplyNetwork(ctx context.Context, in *networkv1.ApplyNetworkRequest) (*networkv1.ApplyNetworkResponse, error) {
	n, err := s.networks.Apply(ctx, in.GetNetwork(), in.GetValidateOnly())
	if err != nil {
		return nil, err
	}
	return &networkv1.ApplyNetworkResponse{Network: n}, nil
}

// GetNetwork implements NetworkService.
func (s *Server) GetNetwork(_ context.Context, in *networkv1.GetNetworkRequest) (*networkv1.GetNetworkResponse, error) {
	n, err := s.networks.Get(in.GetName())
	if err != nil {
		return nil, err
	}
	return &networkv1.GetNetworkResponse{Network: n}, nil
}

// ListNetworks implements NetworkService.
func (s *Server) ListNetworks(_ context.Context, in *networkv1.ListNetworksRequest) (*networkv1.ListNetworksResponse, error) {
	found, next, err := s.networks.List(in.GetParent(), in)
	if err != nil {
		return nil, err
	}
	return &networkv1.ListNetworksResponse{Networks: found, NextPageToken: next}, nil
}

// DeleteNetwork implements NetworkService.
func (s *Server) DeleteNetwork(ctx context.Context, in *networkv1.DeleteNetworkRequest) (*networkv1.DeleteNetworkResponse, error) {
	n, err := s.networks.Delete(ctx, in)
	if err != nil {
		return nil, err
	}
	return &networkv1.DeleteNetworkResponse{Network: n}, nil
}

// WatchNetworks implements NetworkService.
func (s *Server) WatchNetworks(in *networkv1.WatchNetworksRequest, stream networkv1.NetworkService_WatchNetworksServer) error {
	return s.networks.Watch(stream.Context(), in.GetParent(), in.GetFilter(), func(c collection.Change[*networkv1.Network]) error {
		return stream.Send(&networkv1.WatchNetworksResponse{Network: c.Resource, Deleted: c.Deleted, Synced: c.Synced})
	})
}

// PlanNetwork implements NetworkService.
func (s *Server) PlanNetwork(ctx context.Context, in *networkv1.PlanNetworkRequest) (*networkv1.PlanNetworkResponse, error) {
	return s.keeper.plan(ctx, in)
}

// ExplainNetworkDelete implements NetworkService.
func (s *Server) ExplainNetworkDelete(ctx context.Context, in *networkv1.ExplainNetworkDeleteRequest) (*networkv1.ExplainNetworkDeleteResponse, error) {
	return s.keeper.explain(ctx, in.GetName())
}
