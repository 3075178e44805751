// Package api is the gRPC face of the identity service: it parses what comes in,
// renders what goes out, and leaves the rest to the collections.
package api

import (
	"context"

	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"

	"github.com/skep-dev/skep/libs/engine/collection"
)

// OrganizationServer serves OrganizationService.
type OrganizationServer struct {
	identityv1.UnimplementedOrganizationServiceServer
	organizations *collection.Collection[*identityv1.Organization]
	keeper        *Organizations
}

// NewOrganizationServer returns the gRPC face of organizations.
func NewOrganizationServer(organizations *Organizations) *OrganizationServer {
	return &OrganizationServer{organizations: organizations.collection(), keeper: organizations}
}

// ApplyOrganization implements OrganizationService.
func (s *OrganizationServer) ApplyOrganization(ctx context.Context, in *identityv1.ApplyOrganizationRequest) (*identityv1.ApplyOrganizationResponse, error) {
	r, err := s.organizations.Apply(ctx, in.GetOrganization(), in.GetValidateOnly())
	if err != nil {
		return nil, err
	}
	return &identityv1.ApplyOrganizationResponse{Organization: r}, nil
}

// GetOrganization implements OrganizationService.
func (s *OrganizationServer) GetOrganization(_ context.Context, in *identityv1.GetOrganizationRequest) (*identityv1.GetOrganizationResponse, error) {
	r, err := s.organizations.Get(in.GetName())
	if err != nil {
		return nil, err
	}
	return &identityv1.GetOrganizationResponse{Organization: r}, nil
}

// ListOrganizations implements OrganizationService.
func (s *OrganizationServer) ListOrganizations(_ context.Context, in *identityv1.ListOrganizationsRequest) (*identityv1.ListOrganizationsResponse, error) {
	found, next, err := s.organizations.List("", in)
	if err != nil {
		return nil, err
	}
	return &identityv1.ListOrganizationsResponse{Organizations: found, NextPageToken: next}, nil
}

// DeleteOrganization implements OrganizationService. What is used is not deleted.
func (s *OrganizationServer) DeleteOrganization(ctx context.Context, in *identityv1.DeleteOrganizationRequest) (*identityv1.DeleteOrganizationResponse, error) {
	if err := s.keeper.unused(in.GetName()); err != nil {
		return nil, err
	}
	r, err := s.organizations.Delete(ctx, in)
	if err != nil {
		return nil, err
	}
	return &identityv1.DeleteOrganizationResponse{Organization: r}, nil
}

// WatchOrganizations implements OrganizationService.
func (s *OrganizationServer) WatchOrganizations(in *identityv1.WatchOrganizationsRequest, stream identityv1.OrganizationService_WatchOrganizationsServer) error {
	return s.organizations.Watch(stream.Context(), "", in.GetFilter(), func(c collection.Change[*identityv1.Organization]) error {
		return stream.Send(&identityv1.WatchOrganizationsResponse{Organization: c.Resource, Deleted: c.Deleted, Synced: c.Synced})
	})
}
