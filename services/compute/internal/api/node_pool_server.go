package api

import (
	"context"

	computev1 "github.com/skep-dev/skep/proto/gen/go/skep/compute/v1"

	"github.com/skep-dev/skep/libs/engine/collection"
)

// NodePoolServer serves NodePoolService.
type NodePoolServer struct {
	computev1.UnimplementedNodePoolServiceServer
	nodePools *collection.Collection[*computev1.NodePool]
	keeper    *NodePools
}

// NewNodePoolServer returns the gRPC face of nodePools.
func NewNodePoolServer(nodePools *NodePools) *NodePoolServer {
	return &NodePoolServer{nodePools: nodePools.collection(), keeper: nodePools}
}

// ApplyNodePool implements NodePoolService.
func (s *NodePoolServer) ApplyNodePool(ctx context.Context, in *computev1.ApplyNodePoolRequest) (*computev1.ApplyNodePoolResponse, error) {
	n, err := s.nodePools.Apply(ctx, in.GetNodePool(), in.GetValidateOnly())
	if err != nil {
		return nil, err
	}
	return &computev1.ApplyNodePoolResponse{NodePool: n}, nil
}

// GetNodePool implements NodePoolService.
func (s *NodePoolServer) GetNodePool(_ context.Context, in *computev1.GetNodePoolRequest) (*computev1.GetNodePoolResponse, error) {
	n, err := s.nodePools.Get(in.GetName())
	if err != nil {
		return nil, err
	}
	return &computev1.GetNodePoolResponse{NodePool: n}, nil
}

// ListNodePools implements NodePoolService.
func (s *NodePoolServer) ListNodePools(_ context.Context, in *computev1.ListNodePoolsRequest) (*computev1.ListNodePoolsResponse, error) {
	found, next, err := s.nodePools.List(in.GetParent(), in)
	if err != nil {
		return nil, err
	}
	return &computev1.ListNodePoolsResponse{NodePools: found, NextPageToken: next}, nil
}

// DeleteNodePool implements NodePoolService.
func (s *NodePoolServer) DeleteNodePool(ctx context.Context, in *computev1.DeleteNodePoolRequest) (*computev1.DeleteNodePoolResponse, error) {
	n, err := s.nodePools.Delete(ctx, in)
	if err != nil {
		return nil, err
	}
	return &computev1.DeleteNodePoolResponse{NodePool: n}, nil
}

// WatchNodePools implements NodePoolService.
func (s *NodePoolServer) WatchNodePools(in *computev1.WatchNodePoolsRequest, stream computev1.NodePoolService_WatchNodePoolsServer) error {
	return s.nodePools.Watch(stream.Context(), in.GetParent(), in.GetFilter(), func(c collection.Change[*computev1.NodePool]) error {
		return stream.Send(&computev1.WatchNodePoolsResponse{NodePool: c.Resource, Deleted: c.Deleted, Synced: c.Synced})
	})
}

// PlanNodePool implements NodePoolService.
func (s *NodePoolServer) PlanNodePool(ctx context.Context, in *computev1.PlanNodePoolRequest) (*computev1.PlanNodePoolResponse, error) {
	return s.keeper.plan(ctx, in)
}
