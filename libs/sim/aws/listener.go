package aws

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// listener is a port of a load balancer and the target group behind it.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-listeners.html
type listener struct {
	LoadBalancer, TargetGroup string // ARNs
	Protocol                  types.ProtocolEnum
	Port                      int32
}

func (l listener) owner() string { return l.LoadBalancer }
func (l listener) name() string  { return fmt.Sprint(l.Port) }
func (l listener) text(name func(id string) string) string {
	return fmt.Sprintf("%s of %s to %s", l.Protocol, name(l.LoadBalancer), name(l.TargetGroup))
}

var listeners = register(kind[listener]{service: elbv2, name: "Listener", noun: "listener", missing: "ListenerNotFound"})

func init() {
	handle(elbv2, "CreateListener", fields{"DefaultActions", "LoadBalancerArn", "Port", "Protocol", "Tags"}, createListener)
	handle(elbv2, "ModifyListener", fields{"DefaultActions", "ListenerArn", "Port", "Protocol"}, modifyListener)
	handle(elbv2, "DeleteListener", fields{"ListenerArn"}, deleteListener)
	handle(elbv2, "DescribeListeners", fields{"ListenerArns", "LoadBalancerArn", "Marker", "PageSize"}, describeListeners)
}

// createListener answers with the one that is there if it has the same port and settings.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html
func createListener(c *call, in *elb.CreateListenerInput) (*elb.CreateListenerOutput, error) {
	b, err := loadBalancers.get(c, in.LoadBalancerArn)
	if err != nil {
		return nil, err
	}
	l := listener{LoadBalancer: b.ID, Protocol: in.Protocol, Port: aws.ToInt32(in.Port)}
	if l.TargetGroup, err = c.forward(b, in.DefaultActions, l.Protocol); err != nil {
		return nil, err
	}
	if l.Port < 1 || l.Port > 65535 {
		return nil, refuse("ValidationError", "Port '%d' is not between 1 and 65535", l.Port)
	}
	for _, r := range listeners.of(c, b.ID) {
		if r.Data == l {
			return &elb.CreateListenerOutput{Listeners: []types.Listener{showListener(r)}}, nil
		}
	}
	if err := c.freePort(l, ""); err != nil {
		return nil, err
	}
	tags, err := c.elbTags(in.Tags)
	if err != nil {
		return nil, err
	}
	if err := c.full("ListenersPerLoadBalancer", len(listeners.of(c, b.ID)), "TooManyListeners", "The maximum number of listeners has been reached"); err != nil {
		return nil, err
	}
	c.w.seq++
	arn := strings.Replace(b.ID, ":loadbalancer/", ":listener/", 1) + "/" + c.serial("listener", 16)
	return &elb.CreateListenerOutput{Listeners: []types.Listener{showListener(listeners.create(c, arn, l, tags))}}, nil
}

// freePort refuses a port that another listener of the load balancer has.
func (c *call) freePort(l listener, self string) error {
	if slices.ContainsFunc(listeners.of(c, l.LoadBalancer), func(r *row[listener]) bool { return r.Data.Port == l.Port && r.ID != self }) {
		return refuse("DuplicateListener", "A listener already exists on port %d for this load balancer '%s'", l.Port, l.LoadBalancer)
	}
	return nil
}

// forward reads the one action a network load balancer takes: to forward to a target group of its VPC and protocol.
func (c *call) forward(b *row[loadBalancer], actions []types.Action, protocol types.ProtocolEnum) (string, error) {
	if len(actions) != 1 {
		return "", refuse("ValidationError", "Exactly one default action must be specified")
	}
	guard(c.Operation, actions[0], "Type", "TargetGroupArn", "ForwardConfig", "Order")
	if actions[0].Type != types.ActionTypeEnumForward {
		return "", refuse("InvalidLoadBalancerAction", "Network load balancers support only actions of type 'forward'")
	}
	arn := actions[0].TargetGroupArn
	if f := actions[0].ForwardConfig; f != nil && arn == nil {
		if len(f.TargetGroups) != 1 {
			c.unsimulated("ForwardConfig", "with several target groups")
		}
		arn = f.TargetGroups[0].TargetGroupArn
	}
	g, err := targetGroups.get(c, arn)
	switch {
	case err != nil:
		return "", err
	case g.Data.VPC != b.Data.VPC:
		return "", refuse("InvalidConfigurationRequest", "The target group '%s' and the load balancer are in different VPCs", g.ID)
	case protocol == types.ProtocolEnumTls:
		c.unsimulated("Protocol", protocol)
	case g.Data.Protocol != protocol:
		return "", refuse("InvalidConfigurationRequest", "Listener protocol '%s' is not supported with a target group with the protocol '%s'", protocol, g.Data.Protocol)
	case slices.ContainsFunc(c.users(g.ID), func(user string) bool { return user != b.ID }):
		return "", refuse("TargetGroupAssociationLimit", "The following target groups cannot be associated with more than one load balancer: %s", g.ID)
	}
	return g.ID, nil
}

func modifyListener(c *call, in *elb.ModifyListenerInput) (*elb.ModifyListenerOutput, error) {
	r, err := listeners.get(c, in.ListenerArn)
	if err != nil {
		return nil, err
	}
	l := r.Data
	if in.Port != nil {
		l.Port = *in.Port
	}
	if in.Protocol != "" {
		l.Protocol = in.Protocol
	}
	if err := c.freePort(l, r.ID); err != nil {
		return nil, err
	}
	if len(in.DefaultActions) > 0 {
		b, err := loadBalancers.get(c, &l.LoadBalancer)
		if err != nil {
			return nil, err
		}
		if l.TargetGroup, err = c.forward(b, in.DefaultActions, l.Protocol); err != nil {
			return nil, err
		}
	}
	r.Data = l
	listeners.put(c, r)
	return &elb.ModifyListenerOutput{Listeners: []types.Listener{showListener(r)}}, nil
}

func deleteListener(c *call, in *elb.DeleteListenerInput) (*elb.DeleteListenerOutput, error) {
	r, err := listeners.get(c, in.ListenerArn)
	if err != nil {
		return nil, err
	}
	listeners.delete(c, r)
	return &elb.DeleteListenerOutput{}, nil
}

func describeListeners(c *call, in *elb.DescribeListenersInput) (*elb.DescribeListenersOutput, error) {
	var rows []*row[listener]
	switch {
	case in.LoadBalancerArn != nil:
		b, err := loadBalancers.get(c, in.LoadBalancerArn)
		if err != nil {
			return nil, err
		}
		rows = listeners.of(c, b.ID)
	case len(in.ListenerArns) == 0:
		return nil, refuse("ValidationError", "You must specify either listener ARNs or a load balancer ARN")
	}
	for _, arn := range in.ListenerArns {
		r, err := listeners.get(c, &arn)
		if err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	rows, next, err := cut(rows, in.PageSize, 400, in.Marker)
	if err != nil {
		return nil, err
	}
	out := &elb.DescribeListenersOutput{NextMarker: next}
	for _, r := range rows {
		out.Listeners = append(out.Listeners, showListener(r))
	}
	return out, nil
}

func showListener(r *row[listener]) types.Listener {
	return types.Listener{
		ListenerArn: aws.String(r.ID), LoadBalancerArn: aws.String(r.Data.LoadBalancer), Port: aws.Int32(r.Data.Port), Protocol: r.Data.Protocol,
		DefaultActions: []types.Action{{Type: types.ActionTypeEnumForward, TargetGroupArn: aws.String(r.Data.TargetGroup)}},
	}
}
