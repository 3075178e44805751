package api

import (
	"context"

	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"

	"github.com/skep-dev/skep/libs/engine/collection"
)

// ClusterIdentityServer serves ClusterIdentityService.
type ClusterIdentityServer struct {
	identityv1.UnimplementedClusterIdentityServiceServer
	identities *collection.Collection[*identityv1.ClusterIdentity]
	keeper     *ClusterIdentities
}

// NewClusterIdentityServer returns the gRPC face of cluster identities.
func NewClusterIdentityServer(identities *ClusterIdentities) *ClusterIdentityServer {
	return &ClusterIdentityServer{identities: identities.collection(), keeper: identities}
}

// ApplyClusterIdentity implements ClusterIdentityService.
func (s *ClusterIdentityServer) ApplyClusterIdentity(ctx context.Context, in *identityv1.ApplyClusterIdentityRequest) (*identityv1.ApplyClusterIdentityResponse, error) {
	r, err := s.identities.Apply(ctx, in.GetClusterIdentity(), in.GetValidateOnly())
	if err != nil {
		return nil, err
	}
	return &identityv1.ApplyClusterIdentityResponse{ClusterIdentity: r}, nil
}

// GetClusterIdentity implements ClusterIdentityService.
func (s *ClusterIdentityServer) GetClusterIdentity(_ context.Context, in *identityv1.GetClusterIdentityRequest) (*identityv1.GetClusterIdentityResponse, error) {
	r, err := s.identities.Get(in.GetName())
	if err != nil {
		return nil, err
	}
	return &identityv1.GetClusterIdentityResponse{ClusterIdentity: r}, nil
}

// ListClusterIdentities implements ClusterIdentityService.
func (s *ClusterIdentityServer) ListClusterIdentities(_ context.Context, in *identityv1.ListClusterIdentitiesRequest) (*identityv1.ListClusterIdentitiesResponse, error) {
	found, next, err := s.identities.List(in.GetParent(), in)
	if err != nil {
		return nil, err
	}
	return &identityv1.ListClusterIdentitiesResponse{ClusterIdentities: found, NextPageToken: next}, nil
}

// DeleteClusterIdentity implements ClusterIdentityService.
func (s *ClusterIdentityServer) DeleteClusterIdentity(ctx context.Context, in *identityv1.DeleteClusterIdentityRequest) (*identityv1.DeleteClusterIdentityResponse, error) {
	r, err := s.identities.Delete(ctx, in)
	if err != nil {
		return nil, err
	}
	return &identityv1.DeleteClusterIdentityResponse{ClusterIdentity: r}, nil
}

// WatchClusterIdentities implements ClusterIdentityService.
func (s *ClusterIdentityServer) WatchClusterIdentities(in *identityv1.WatchClusterIdentitiesRequest, stream identityv1.ClusterIdentityService_WatchClusterIdentitiesServer) error {
	return s.identities.Watch(stream.Context(), in.GetParent(), in.GetFilter(), func(c collection.Change[*identityv1.ClusterIdentity]) error {
		return stream.Send(&identityv1.WatchClusterIdentitiesResponse{ClusterIdentity: c.Resource, Deleted: c.Deleted, Synced: c.Synced})
	})
}

// PlanClusterIdentity implements ClusterIdentityService.
func (s *ClusterIdentityServer) PlanClusterIdentity(ctx context.Context, in *identityv1.PlanClusterIdentityRequest) (*identityv1.PlanClusterIdentityResponse, error) {
	return s.keeper.plan(ctx, in)
}
