package elb

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// Listener is a port of a load balancer and the target group that it forwards to.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-listeners.html
type Listener struct {
	LoadBalancer, TargetGroup string // ARNs
	Protocol                  types.ProtocolEnum
	Port                      int32
}

// Owner implements engine.Attributes.
func (l Listener) Owner() string { return l.LoadBalancer }

// DisplayName implements engine.Named.
func (l Listener) DisplayName() string { return fmt.Sprint(l.Port) }

// Summary implements engine.Attributes.
func (l Listener) Summary(name func(id string) string) string {
	return fmt.Sprintf("%s of %s to %s", l.Protocol, name(l.LoadBalancer), name(l.TargetGroup))
}

// Listeners is the resource type with the attributes Listener.
var Listeners = engine.NewType[Listener](engine.Type{Service: serviceID, Name: "Listener", Noun: "listener", NotFound: "ListenerNotFound"})

func handleListener(s *engine.Service) {
	engine.Handle(s, "CreateListener", engine.Fields{"DefaultActions", "LoadBalancerArn", "Port", "Protocol", "Tags"}, createListener)
	engine.Handle(s, "ModifyListener", engine.Fields{"DefaultActions", "ListenerArn", "Port", "Protocol"}, modifyListener)
	engine.Handle(s, "DeleteListener", engine.Fields{"ListenerArn"}, deleteListener)
	engine.Handle(s, "DescribeListeners", engine.Fields{"ListenerArns", "LoadBalancerArn", "Marker", "PageSize"}, describeListeners)
}

// createListener returns the existing listener if it has the same port and settings.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html
func createListener(c *engine.Call, in *elb.CreateListenerInput) (*elb.CreateListenerOutput, error) {
	b, err := LoadBalancers.Get(c, in.LoadBalancerArn)
	if err != nil {
		return nil, err
	}
	l := Listener{LoadBalancer: b.ID, Protocol: in.Protocol, Port: aws.ToInt32(in.Port)}
	if l.TargetGroup, err = readForward(c, b, in.DefaultActions, l.Protocol); err != nil {
		return nil, err
	}
	if l.Port < 1 || l.Port > 65535 {
		return nil, engine.Refuse("ValidationError", "Port '%d' is not between 1 and 65535", l.Port)
	}
	for _, r := range Listeners.OwnedBy(c, b.ID) {
		if r.Data == l {
			return &elb.CreateListenerOutput{Listeners: []types.Listener{showListener(r)}}, nil
		}
	}
	if err := checkPort(c, l, ""); err != nil {
		return nil, err
	}
	tags, err := readTags(c, in.Tags)
	if err != nil {
		return nil, err
	}
	if err := c.CheckQuota("ListenersPerLoadBalancer", len(Listeners.OwnedBy(c, b.ID)), "TooManyListeners", "The maximum number of listeners has been reached"); err != nil {
		return nil, err
	}
	arn := strings.Replace(b.ID, ":loadbalancer/", ":listener/", 1) + "/" + c.NextSerial("listener", 16)
	return &elb.CreateListenerOutput{Listeners: []types.Listener{showListener(Listeners.Create(c, arn, l, tags))}}, nil
}

// checkPort refuses a port that another listener of the load balancer has.
func checkPort(c *engine.Call, l Listener, self string) error {
	if slices.ContainsFunc(Listeners.OwnedBy(c, l.LoadBalancer), func(r *engine.Resource[Listener]) bool { return r.Data.Port == l.Port && r.ID != self }) {
		return engine.Refuse("DuplicateListener", "A listener already exists on port %d for this load balancer '%s'", l.Port, l.LoadBalancer)
	}
	return nil
}

// readForward returns the target group of the only action that a network load balancer supports, after it has checked
// VPC and protocol of the group.
func readForward(c *engine.Call, b *engine.Resource[LoadBalancer], actions []types.Action, protocol types.ProtocolEnum) (string, error) {
	if len(actions) != 1 {
		return "", engine.Refuse("ValidationError", "Exactly one default action must be specified")
	}
	engine.Guard(c.Operation, actions[0], "Type", "TargetGroupArn", "ForwardConfig", "Order")
	if actions[0].Type != types.ActionTypeEnumForward {
		return "", engine.Refuse("InvalidLoadBalancerAction", "Network load balancers support only actions of type 'forward'")
	}
	arn := actions[0].TargetGroupArn
	if f := actions[0].ForwardConfig; f != nil && arn == nil {
		if len(f.TargetGroups) != 1 {
			c.Unsimulated("ForwardConfig", "with several target groups")
		}
		arn = f.TargetGroups[0].TargetGroupArn
	}
	g, err := TargetGroups.Get(c, arn)
	switch {
	case err != nil:
		return "", err
	case g.Data.VPC != b.Data.VPC:
		return "", engine.Refuse("InvalidConfigurationRequest", "The target group '%s' and the load balancer are in different VPCs", g.ID)
	case protocol == types.ProtocolEnumTls:
		c.Unsimulated("Protocol", protocol)
	case g.Data.Protocol != protocol:
		return "", engine.Refuse("InvalidConfigurationRequest", "Listener protocol '%s' is not supported with a target group with the protocol '%s'", protocol, g.Data.Protocol)
	case slices.ContainsFunc(loadBalancersUsing(c, g.ID), func(user string) bool { return user != b.ID }):
		return "", engine.Refuse("TargetGroupAssociationLimit", "The following target groups cannot be associated with more than one load balancer: %s", g.ID)
	}
	return g.ID, nil
}

func modifyListener(c *engine.Call, in *elb.ModifyListenerInput) (*elb.ModifyListenerOutput, error) {
	r, err := Listeners.Get(c, in.ListenerArn)
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
	if err := checkPort(c, l, r.ID); err != nil {
		return nil, err
	}
	if len(in.DefaultActions) > 0 {
		b, err := LoadBalancers.Get(c, &l.LoadBalancer)
		if err != nil {
			return nil, err
		}
		if l.TargetGroup, err = readForward(c, b, in.DefaultActions, l.Protocol); err != nil {
			return nil, err
		}
	}
	r.Data = l
	Listeners.Put(c, r)
	return &elb.ModifyListenerOutput{Listeners: []types.Listener{showListener(r)}}, nil
}

func deleteListener(c *engine.Call, in *elb.DeleteListenerInput) (*elb.DeleteListenerOutput, error) {
	r, err := Listeners.Get(c, in.ListenerArn)
	if err != nil {
		return nil, err
	}
	Listeners.Delete(c, r)
	return &elb.DeleteListenerOutput{}, nil
}

func describeListeners(c *engine.Call, in *elb.DescribeListenersInput) (*elb.DescribeListenersOutput, error) {
	var resources []*engine.Resource[Listener]
	switch {
	case in.LoadBalancerArn != nil:
		b, err := LoadBalancers.Get(c, in.LoadBalancerArn)
		if err != nil {
			return nil, err
		}
		resources = Listeners.OwnedBy(c, b.ID)
	case len(in.ListenerArns) == 0:
		return nil, engine.Refuse("ValidationError", "You must specify either listener ARNs or a load balancer ARN")
	}
	for _, arn := range in.ListenerArns {
		r, err := Listeners.Get(c, &arn)
		if err != nil {
			return nil, err
		}
		resources = append(resources, r)
	}
	resources, next, err := engine.Page(resources, in.PageSize, 400, in.Marker)
	if err != nil {
		return nil, err
	}
	out := &elb.DescribeListenersOutput{NextMarker: next}
	for _, r := range resources {
		out.Listeners = append(out.Listeners, showListener(r))
	}
	return out, nil
}

func showListener(r *engine.Resource[Listener]) types.Listener {
	return types.Listener{
		ListenerArn: aws.String(r.ID), LoadBalancerArn: aws.String(r.Data.LoadBalancer), Port: aws.Int32(r.Data.Port), Protocol: r.Data.Protocol,
		DefaultActions: []types.Action{{Type: types.ActionTypeEnumForward, TargetGroupArn: aws.String(r.Data.TargetGroup)}},
	}
}
