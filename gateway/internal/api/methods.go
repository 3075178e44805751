package api

import (
	"context"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"

	"github.com/skep-dev/skep/libs/engine/methods"
)

// methods answer the methods of the contract that are not standard.
func (c *Clusters) methods(get func(name string) (*clusterv1.Cluster, error)) map[string]methods.Unary {
	return map[string]methods.Unary{
		"ExplainDelete": methods.Custom(func(ctx context.Context, in *clusterv1.ExplainDeleteRequest) (*clusterv1.ExplainDeleteResponse, error) {
			cluster, err := get(in.GetName())
			if err != nil {
				return nil, err
			}
			return c.explain(ctx, cluster), nil
		}),
		"GenerateKubeconfig": methods.Custom(func(ctx context.Context, in *clusterv1.GenerateKubeconfigRequest) (*clusterv1.GenerateKubeconfigResponse, error) {
			cluster, err := get(in.GetName())
			if err != nil {
				return nil, err
			}
			return c.Kubeconfig.generate(ctx, cluster)
		}),
		"ListEvents": methods.Custom(c.Timeline.List),
	}
}

// streams answer the streaming methods of the contract that are not standard.
func (c *Clusters) streams() map[string]methods.Stream {
	return map[string]methods.Stream{
		"WatchEvents": methods.CustomStream(func(ctx context.Context, in *clusterv1.WatchEventsRequest, send func(*clusterv1.WatchEventsResponse) error) error {
			return c.Timeline.Watch(ctx, in.GetParent(), func(e *clusterv1.Event) error {
				return send(&clusterv1.WatchEventsResponse{Event: e})
			})
		}),
	}
}
