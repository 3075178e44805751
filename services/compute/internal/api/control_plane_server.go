// Package api is the gRPC face of the compute service: it parses what comes in,
// renders what goes out, and leaves the rest to the collection.
package api

import (
	"context"

	computev1 "github.com/skep-dev/skep/proto/gen/go/skep/compute/v1"

	"github.com/skep-dev/skep/libs/engine/collection"
)

// ControlPlaneServer serves ControlPlaneService.
type ControlPlaneServer struct {
	computev1.UnimplementedControlPlaneServiceServer
	controlPlanes *collection.Collection[*computev1.ControlPlane]
	keeper        *ControlPlanes
}

// NewControlPlaneServer returns the gRPC face of controlPlanes.
func NewControlPlaneServer(controlPlanes *ControlPlanes) *ControlPlaneServer {
	return &ControlPlaneServer{controlPlanes: controlPlanes.collection(), keeper: controlPlanes}
}

// ApplyControlPlane implements ControlPlaneService.
func (s *ControlPlaneServer) ApplyControlPlane(ctx context.Context, in *computev1.ApplyControlPlaneRequest) (*computev1.ApplyControlPlaneResponse, error) {
	n, err := s.controlPlanes.Apply(ctx, in.GetControlPlane(), in.GetValidateOnly())
	if err != nil {
		return nil, err
	}
	return &computev1.ApplyControlPlaneResponse{ControlPlane: n}, nil
}

// GetControlPlane implements ControlPlaneService.
func (s *ControlPlaneServer) GetControlPlane(_ context.Context, in *computev1.GetControlPlaneRequest) (*computev1.GetControlPlaneResponse, error) {
	n, err := s.controlPlanes.Get(in.GetName())
	if err != nil {
		return nil, err
	}
	return &computev1.GetControlPlaneResponse{ControlPlane: n}, nil
}

// ListControlPlanes implements ControlPlaneService.
func (s *ControlPlaneServer) ListControlPlanes(_ context.Context, in *computev1.ListControlPlanesRequest) (*computev1.ListControlPlanesResponse, error) {
	found, next, err := s.controlPlanes.List(in.GetParent(), in)
	if err != nil {
		return nil, err
	}
	return &computev1.ListControlPlanesResponse{ControlPlanes: found, NextPageToken: next}, nil
}

// DeleteControlPlane implements ControlPlaneService.
func (s *ControlPlaneServer) DeleteControlPlane(ctx context.Context, in *computev1.DeleteControlPlaneRequest) (*computev1.DeleteControlPlaneResponse, error) {
	n, err := s.controlPlanes.Delete(ctx, in)
	if err != nil {
		return nil, err
	}
	return &computev1.DeleteControlPlaneResponse{ControlPlane: n}, nil
}

// WatchControlPlanes implements ControlPlaneService.
func (s *ControlPlaneServer) WatchControlPlanes(in *computev1.WatchControlPlanesRequest, stream computev1.ControlPlaneService_WatchControlPlanesServer) error {
	return s.controlPlanes.Watch(stream.Context(), in.GetParent(), in.GetFilter(), func(c collection.Change[*computev1.ControlPlane]) error {
		return stream.Send(&computev1.WatchControlPlanesResponse{ControlPlane: c.Resource, Deleted: c.Deleted, Synced: c.Synced})
	})
}

// PlanControlPlane implements ControlPlaneService.
func (s *ControlPlaneServer) PlanControlPlane(ctx context.Context, in *computev1.PlanControlPlaneRequest) (*computev1.PlanControlPlaneResponse, error) {
	return s.keeper.plan(ctx, in)
}
