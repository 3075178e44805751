package api

import (
	"context"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"

	"github.com/skep-dev/skep/gateway/internal/timeline"
	"github.com/skep-dev/skep/libs/engine/collection"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// Server serves ClusterService.
type Server struct {
	clusterv1.UnimplementedClusterServiceServer
	collection *collection.Collection[*clusterv1.Cluster]
	clusters   *Clusters
	timeline   *timeline.Timeline
	kubeconfig Kubeconfig
}

// NewServer returns the server of ClusterService.
func NewServer(clusters *Clusters, events *timeline.Timeline, kubeconfig Kubeconfig) *Server {
	return &Server{collection: clusters.collection(), clusters: clusters, timeline: events, kubeconfig: kubeconfig}
}

// setName sets the name of the cluster in a request, and refuses a different one.
func setName(parent, id string, cluster *clusterv1.Cluster) error {
	name := parent + "/" + object.Clusters.CollectionID + "/" + id
	if cluster.GetName() != "" && cluster.GetName() != name {
		return fault.InvalidFields(fault.Field{Path: "name", Message: "must be " + name + " or empty"})
	}
	cluster.Name = name
	return nil
}

// CreateCluster implements ClusterService.
func (s *Server) CreateCluster(ctx context.Context, in *clusterv1.CreateClusterRequest) (*clusterv1.CreateClusterResponse, error) {
	if err := setName(in.GetParent(), in.GetClusterId(), in.GetCluster()); err != nil {
		return nil, err
	}
	c, err := s.collection.Create(ctx, in.GetCluster(), in.GetRequestId(), in.GetValidateOnly())
	if err != nil {
		return nil, err
	}
	return &clusterv1.CreateClusterResponse{Cluster: c}, nil
}

// GetCluster implements ClusterService.
func (s *Server) GetCluster(_ context.Context, in *clusterv1.GetClusterRequest) (*clusterv1.GetClusterResponse, error) {
	c, err := s.collection.Get(in.GetName())
	if err != nil {
		return nil, err
	}
	return &clusterv1.GetClusterResponse{Cluster: c}, nil
}

// ListClusters implements ClusterService.
func (s *Server) ListClusters(_ context.Context, in *clusterv1.ListClustersRequest) (*clusterv1.ListClustersResponse, error) {
	found, next, err := s.collection.List(in.GetParent(), in)
	if err != nil {
		return nil, err
	}
	return &clusterv1.ListClustersResponse{Clusters: found, NextPageToken: next}, nil
}

// UpdateCluster implements ClusterService.
func (s *Server) UpdateCluster(ctx context.Context, in *clusterv1.UpdateClusterRequest) (*clusterv1.UpdateClusterResponse, error) {
	c, err := s.collection.Update(ctx, in.GetCluster(), in.GetUpdateMask(), in.GetValidateOnly())
	if err != nil {
		return nil, err
	}
	return &clusterv1.UpdateClusterResponse{Cluster: c}, nil
}

// DeleteCluster implements ClusterService.
func (s *Server) DeleteCluster(ctx context.Context, in *clusterv1.DeleteClusterRequest) (*clusterv1.DeleteClusterResponse, error) {
	c, err := s.collection.Delete(ctx, in)
	if err != nil {
		return nil, err
	}
	return &clusterv1.DeleteClusterResponse{Cluster: c}, nil
}

// WatchClusters implements ClusterService.
func (s *Server) WatchClusters(in *clusterv1.WatchClustersRequest, stream clusterv1.ClusterService_WatchClustersServer) error {
	return s.collection.Watch(stream.Context(), in.GetParent(), in.GetFilter(), func(c collection.Change[*clusterv1.Cluster]) error {
		return stream.Send(&clusterv1.WatchClustersResponse{Cluster: c.Resource, Deleted: c.Deleted, Synced: c.Synced})
	})
}

// PlanCluster implements ClusterService.
func (s *Server) PlanCluster(ctx context.Context, in *clusterv1.PlanClusterRequest) (*clusterv1.PlanClusterResponse, error) {
	cluster := in.GetCluster()
	if err := setName(in.GetParent(), in.GetClusterId(), cluster); err != nil {
		return nil, err
	}
	if stored, err := s.collection.Get(cluster.GetName()); err == nil {
		cluster.Uid = stored.GetUid()
	} else {
		cluster.Uid = object.NewUID()
	}
	if err := s.clusters.check(ctx, nil, cluster); err != nil {
		return nil, err
	}
	actions, zones, err := s.clusters.Components.Compose(cluster).Plan(ctx)
	if err != nil {
		return nil, err
	}
	return &clusterv1.PlanClusterResponse{Actions: actions, Zones: zones}, nil
}

// ExplainDelete implements ClusterService.
func (s *Server) ExplainDelete(ctx context.Context, in *clusterv1.ExplainDeleteRequest) (*clusterv1.ExplainDeleteResponse, error) {
	c, err := s.collection.Get(in.GetName())
	if err != nil {
		return nil, err
	}
	return s.clusters.explain(ctx, c), nil
}

// ListEvents implements ClusterService.
func (s *Server) ListEvents(ctx context.Context, in *clusterv1.ListEventsRequest) (*clusterv1.ListEventsResponse, error) {
	return s.timeline.List(ctx, in)
}

// WatchEvents implements ClusterService.
func (s *Server) WatchEvents(in *clusterv1.WatchEventsRequest, stream clusterv1.ClusterService_WatchEventsServer) error {
	return s.timeline.Watch(stream.Context(), in.GetParent(), func(e *clusterv1.Event) error {
		return stream.Send(&clusterv1.WatchEventsResponse{Event: e})
	})
}

// GenerateKubeconfig implements ClusterService.
func (s *Server) GenerateKubeconfig(ctx context.Context, in *clusterv1.GenerateKubeconfigRequest) (*clusterv1.GenerateKubeconfigResponse, error) {
	c, err := s.collection.Get(in.GetName())
	if err != nil {
		return nil, err
	}
	return s.kubeconfig.generate(ctx, c)
}
