package ingress

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/engine/graph"
)

// Listener forwards the connections to one port of a load balancer to a target group. A port has at most one
// listener, so a repeated create finds the listener of the first.
type Listener struct {
	graph.Node
	account
	Port         int32
	LoadBalancer *LoadBalancer
	TargetGroup  *TargetGroup
}

// Name implements graph.Resource.
func (l *Listener) Name() string { return "listener/" + l.TargetGroup.Use }

// Needs implements graph.Resource.
func (l *Listener) Needs() []graph.Resource {
	return []graph.Resource{l.LoadBalancer, l.TargetGroup}
}

// Key implements graph.NaturallyKeyed: the ARN of the load balancer and the port.
func (l *Listener) Key() string { return fmt.Sprintf("%s:%d", l.LoadBalancer.ID(), l.Port) }

// Container implements graph.Contained. AWS deletes a listener with its load balancer and refuses to delete the
// target group before.
func (l *Listener) Container() (resourceType string, holds bool) { return "load-balancer", true }

// Observe implements graph.Resource.
func (l *Listener) Observe(ctx context.Context) (graph.State, error) {
	found, err := l.find(ctx)
	if err != nil || found == nil {
		return graph.Absent, err
	}
	if l.TargetGroup != nil && (aws.ToInt32(found.Port) != l.Port || !l.forwards(found)) {
		return graph.Drifted, nil
	}
	return graph.Ready, nil
}

// find returns the listener with the load balancer and the port of the ID, or nil.
func (l *Listener) find(ctx context.Context) (*types.Listener, error) {
	colon := strings.LastIndexByte(l.ID(), ':')
	out, err := l.DescribeListeners(ctx, &elb.DescribeListenersInput{LoadBalancerArn: aws.String(l.ID()[:colon])})
	if err != nil {
		return nil, errorclass.IgnoreNotFound(err)
	}
	for _, listener := range out.Listeners {
		if strconv.Itoa(int(aws.ToInt32(listener.Port))) == l.ID()[colon+1:] {
			return &listener, nil
		}
	}
	return nil, nil
}

// forwards reports whether the listener forwards every connection to the target group.
func (l *Listener) forwards(found *types.Listener) bool {
	return len(found.DefaultActions) == 1 && found.DefaultActions[0].Type == types.ActionTypeEnumForward &&
		aws.ToString(found.DefaultActions[0].TargetGroupArn) == l.TargetGroup.ID()
}

func (l *Listener) actions() []types.Action {
	return []types.Action{{Type: types.ActionTypeEnumForward, TargetGroupArn: aws.String(l.TargetGroup.ID())}}
}

// Create implements graph.Resource. AWS accepts it while the load balancer is still provisioning.
func (l *Listener) Create(ctx context.Context) (graph.State, error) {
	_, err := l.CreateListener(ctx, &elb.CreateListenerInput{
		LoadBalancerArn: aws.String(l.LoadBalancer.ID()),
		Protocol:        types.ProtocolEnumTcp,
		Port:            aws.Int32(l.Port),
		DefaultActions:  l.actions(),
		Tags:            l.loadBalancingTags(l.Name(), l.Token()),
	})
	if err != nil {
		return graph.Absent, err
	}
	return graph.Ready, nil
}

// Update implements graph.Updater. It restores the port and the target group.
func (l *Listener) Update(ctx context.Context) error {
	found, err := l.find(ctx)
	if err != nil || found == nil {
		return err
	}
	if _, err := l.ModifyListener(ctx, &elb.ModifyListenerInput{
		ListenerArn: found.ListenerArn, Protocol: types.ProtocolEnumTcp, Port: aws.Int32(l.Port), DefaultActions: l.actions(),
	}); err != nil {
		return err
	}
	l.SetID(l.Key())
	return nil
}

// Delete implements graph.Resource.
func (l *Listener) Delete(ctx context.Context) error {
	found, err := l.find(ctx)
	if err != nil || found == nil {
		return err
	}
	_, err = l.DeleteListener(ctx, &elb.DeleteListenerInput{ListenerArn: found.ListenerArn})
	return errorclass.IgnoreNotFound(err)
}
