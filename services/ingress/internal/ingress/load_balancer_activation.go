package ingress

import (
	"context"

	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/skep-dev/skep/libs/aws/latency"
	"github.com/skep-dev/skep/libs/engine/graph"
)

// LoadBalancerActivation waits until a load balancer carries traffic. It is a resource of its own so that listeners and
// records are created during the minutes that this takes. It changes nothing in AWS.
type LoadBalancerActivation struct {
	graph.Node
	account
	LoadBalancer *LoadBalancer
}

// Name implements graph.Resource.
func (a *LoadBalancerActivation) Name() string {
	return "load-balancer-activation/" + a.LoadBalancer.Use
}

// Needs implements graph.Resource.
func (a *LoadBalancerActivation) Needs() []graph.Resource {
	return []graph.Resource{a.LoadBalancer}
}

// Key implements graph.NaturallyKeyed. The key is the ARN of the load balancer.
func (a *LoadBalancerActivation) Key() string { return a.LoadBalancer.ID() }

// ExpectedLatency implements graph.Asynchronous. The value is the median of public Terraform logs for network load balancers.
func (a *LoadBalancerActivation) ExpectedLatency() graph.Latency {
	return graph.Latency{Ready: latency.Of(latency.LoadBalancerAvailable)}
}

// Observe implements graph.Resource.
func (a *LoadBalancerActivation) Observe(ctx context.Context) (graph.State, error) {
	found, err := findLoadBalancer(ctx, a, a.ID())
	if err != nil || found == nil || found.State == nil {
		return graph.Absent, err
	}
	switch found.State.Code {
	case elbtypes.LoadBalancerStateEnumActive, elbtypes.LoadBalancerStateEnumActiveImpaired:
		return graph.Ready, nil
	}
	return graph.Pending, nil
}

// Create implements graph.Resource. It calls nothing: AWS activates a new load balancer automatically.
func (a *LoadBalancerActivation) Create(context.Context) (graph.State, error) {
	return graph.Pending, nil
}

// Delete implements graph.Resource. It does nothing: Create created nothing.
func (a *LoadBalancerActivation) Delete(context.Context) error { return nil }
