// Package api is the gRPC face of the bastion service: it parses what comes in,
// renders what goes out, and leaves the rest to the collection.
package api

import (
	"context"

	bastionv1 "github.com/skep-dev/skep/proto/gen/go/skep/bastion/v1"

	"github.com/skep-dev/skep/libs/engine/collection"
)

// Server serves BastionService.
type Server struct {
	bastionv1.UnimplementedBastionServiceServer
	bastions *collection.Collection[*bastionv1.Bastion]
	keeper   *Bastions
}

// NewServer returns the gRPC face of bastions.
func NewServer(bastions *Bastions) *Server {
	return &Server{bastions: bastions.collection(), keeper: bastions}
}

// ApplyBastion implements BastionService.
func (s *Server) ApplyBastion(ctx context.Context, in *bastionv1.ApplyBastionRequest) (*bastionv1.ApplyBastionResponse, error) {
	n, err := s.bastions.Apply(ctx, in.GetBastion(), in.GetValidateOnly())
	if err != nil {
		return nil, err
	}
	return &bastionv1.ApplyBastionResponse{Bastion: n}, nil
}

// GetBastion implements BastionService.
func (s *Server) GetBastion(_ context.Context, in *bastionv1.GetBastionRequest) (*bastionv1.GetBastionResponse, error) {
	n, err := s.bastions.Get(in.GetName())
	if err != nil {
		return nil, err
	}
	return &bastionv1.GetBastionResponse{Bastion: n}, nil
}

// ListBastions implements BastionService.
func (s *Server) ListBastions(_ context.Context, in *bastionv1.ListBastionsRequest) (*bastionv1.ListBastionsResponse, error) {
	found, next, err := s.bastions.List(in.GetParent(), in)
	if err != nil {
		return nil, err
	}
	return &bastionv1.ListBastionsResponse{Bastions: found, NextPageToken: next}, nil
}

// DeleteBastion implements BastionService.
func (s *Server) DeleteBastion(ctx context.Context, in *bastionv1.DeleteBastionRequest) (*bastionv1.DeleteBastionResponse, error) {
	n, err := s.bastions.Delete(ctx, in)
	if err != nil {
		return nil, err
	}
	return &bastionv1.DeleteBastionResponse{Bastion: n}, nil
}

// WatchBastions implements BastionService.
func (s *Server) WatchBastions(in *bastionv1.WatchBastionsRequest, stream bastionv1.BastionService_WatchBastionsServer) error {
	return s.bastions.Watch(stream.Context(), in.GetParent(), in.GetFilter(), func(c collection.Change[*bastionv1.Bastion]) error {
		return stream.Send(&bastionv1.WatchBastionsResponse{Bastion: c.Resource, Deleted: c.Deleted, Synced: c.Synced})
	})
}

// PlanBastion implements BastionService.
func (s *Server) PlanBastion(ctx context.Context, in *bastionv1.PlanBastionRequest) (*bastionv1.PlanBastionResponse, error) {
	return s.keeper.plan(ctx, in)
}
