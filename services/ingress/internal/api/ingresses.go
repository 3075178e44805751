package api

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"

	ingressv1 "github.com/skep-dev/skep/proto/gen/go/skep/ingress/v1"
	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"

	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/definition"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/reconciler"
	"github.com/skep-dev/skep/services/ingress/internal/ingress"
)

// Ingresses is the definition of the object type Ingress.
func Ingresses(sources Sources) definition.Definition[*ingressv1.Ingress, ingress.Spec] {
	return definition.Definition[*ingressv1.Ingress, ingress.Spec]{
		Type: object.Ingresses,
		Stages: []reconciler.Stage{
			{Type: "LoadBalancerReady", ResourceTypes: []string{"load-balancer", "load-balancer-activation", "listener"}},
			{Type: "TargetGroupsReady", ResourceTypes: []string{"target-group"}},
			{Type: "DNSReady", ResourceTypes: []string{"record"}},
		},
		Prepare: func(_ context.Context, in definition.Preparation[*ingressv1.Ingress]) (ingress.Spec, error) {
			r := in.Object
			return parseIngress(r, sources.endpoint(r), sources.network(r.GetSpec().GetNetwork(), (*networkv1.SecurityGroups).GetIngressLoadBalancer)), nil
		},
		Build: func(_ *ingressv1.Ingress, spec ingress.Spec, config aws.Config, owner session.Owner) *graph.Graph {
			return ingress.Resources(spec, ingress.NewAWS(config), owner)
		},
		Factories: func(_ *ingressv1.Ingress, config aws.Config, owner session.Owner) graph.Factories {
			return ingress.Factories(ingress.NewAWS(config), owner)
		},
		Status: func(r *ingressv1.Ingress, entries map[string]graph.Entry) {
			renderIngress(r, sources.endpoint(r), entries)
		},
		Zones: func(r *ingressv1.Ingress) []string { return sources.zones(r.GetSpec().GetNetwork()) },
	}
}
