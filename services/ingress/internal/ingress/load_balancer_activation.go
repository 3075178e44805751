package ingress

import (
	"context"

	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/skep-dev/skep/libs/aws/latency"
	"github.com/skep-dev/skep/libs/engine/graph"
)

// LoadBalancerActivation waits until a load balancer carries traffic. It is a
// thing of its own, so that the minutes this takes keep neither listeners nor
// records from being made. It calls nothing but to look.
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

// Key implements graph.Keyed: a load balancer is activated once.
func (a *LoadBalancerActivation) Key() string { return a.LoadBalancer.ID() }

// Usual implements graph.Slow.
func (a *LoadBalancerActivation) Usual() graph.Latency {
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

// Create implements graph.Resource: AWS activates a load balancer unasked.
func (a *LoadBalancerActivation) Create(context.Context) (graph.State, error) {
	return graph.Pending, nil
}

// Delete implements graph.Resource: nothing was made.
func (a *LoadBalancerActivation) Delete(context.Context) error { return nil }
