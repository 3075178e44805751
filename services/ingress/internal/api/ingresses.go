package api

import (
	"context"
	"fmt"

	ingressv1 "github.com/skep-dev/skep/proto/gen/go/skep/ingress/v1"

	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/collection"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/reconciler"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/services/ingress/internal/ingress"
)

// Ingresses is all that is particular to ingresses: how one is declared and what
// it is made of.
type Ingresses struct {
	// Bucket holds the ingresses and the API endpoints whose zones they use,
	// Networks what they stand in.
	Bucket, Networks *store.Bucket
	// Sessions opens their accounts.
	Sessions *session.Pool
	// Installation is tagged on everything.
	Installation string
}

// ingressStages are the conditions of an ingress.
var ingressStages = []reconciler.Stage{
	{Type: "LoadBalancerReady", ResourceTypes: []string{"load-balancer", "load-balancer-activation", "listener"}},
	{Type: "TargetGroupsReady", ResourceTypes: []string{"target-group"}},
	{Type: "DNSReady", ResourceTypes: []string{"record"}},
}

func (i *Ingresses) collection() *collection.Collection[*ingressv1.Ingress] {
	return &collection.Collection[*ingressv1.Ingress]{Type: object.Ingresses, Bucket: i.Bucket, Validate: i.validate}
}

// Reconciler keeps what ingresses declare.
func (i *Ingresses) Reconciler() *reconciler.Reconciler[*ingressv1.Ingress] {
	return &reconciler.Reconciler[*ingressv1.Ingress]{
		Type: object.Ingresses, Bucket: i.Bucket, TimeScale: i.Sessions.TimeScale(), ResyncPeriod: i.Sessions.ResyncPeriod(), InventoryAudit: i.Sessions.Missing, Stages: ingressStages,
		Graph: i.graph, Factories: i.factories, RenderStatus: i.render,
	}
}

// validate says what is wrong with a specification beyond single fields.
func (i *Ingresses) validate(_ context.Context, old, wanted *ingressv1.Ingress) error {
	if old == nil {
		return nil
	}
	var bad []fault.Field
	for _, field := range []struct{ path, before, after string }{
		{"spec.network", old.GetSpec().GetNetwork(), wanted.GetSpec().GetNetwork()},
		{"spec.apiEndpoint", old.GetSpec().GetApiEndpoint(), wanted.GetSpec().GetApiEndpoint()},
	} {
		if field.before != field.after {
			bad = append(bad, fault.Field{Path: field.path, Message: "cannot be changed; create another one instead"})
		}
	}
	if len(bad) > 0 {
		return fault.InvalidFields(bad...)
	}
	return nil
}

func (i *Ingresses) graph(ctx context.Context, r *ingressv1.Ingress) (*graph.Graph, error) {
	api, err := open(ctx, i.Sessions, r.GetSpec())
	if err != nil {
		return nil, err
	}
	spec := parseIngress(r, i.endpoint(r), provided(i.Networks, r.GetSpec().GetNetwork(), ingressGroup))
	return ingress.Resources(spec, api, i.owner(r)), nil
}

func (i *Ingresses) factories(ctx context.Context, r *ingressv1.Ingress) (graph.Factories, error) {
	api, err := open(ctx, i.Sessions, r.GetSpec())
	if err != nil {
		return nil, err
	}
	return ingress.Factories(api, i.owner(r)), nil
}

// endpoint is the API endpoint whose zone the wildcard is in, or nil.
func (i *Ingresses) endpoint(r *ingressv1.Ingress) *ingressv1.ApiEndpoint {
	e, _ := object.Find[*ingressv1.ApiEndpoint](i.Bucket, object.ApiEndpoints, r.GetSpec().GetApiEndpoint())
	return e
}

func (i *Ingresses) render(r *ingressv1.Ingress, entries map[string]graph.Entry) {
	renderIngress(r, i.endpoint(r), entries)
}

func (i *Ingresses) plan(ctx context.Context, in *ingressv1.PlanIngressRequest) (*ingressv1.PlanIngressResponse, error) {
	r := in.GetIngress()
	there, exists := object.Find[*ingressv1.Ingress](i.Bucket, object.Ingresses, r.GetName())
	if exists {
		r.Uid, r.Status = there.GetUid(), there.GetStatus()
	}
	if err := i.validate(ctx, there, r); err != nil {
		return nil, err
	}
	g, err := i.graph(ctx, r)
	if err != nil {
		return nil, err
	}
	actions, err := g.Plan(ctx, graph.Walk{Ledger: i.Reconciler().RecordedLedger(r.GetName())})
	if err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	return &ingressv1.PlanIngressResponse{
		Actions: reconciler.Actions(r.GetName(), actions),
		Zones:   zonesOf(i.Networks, r.GetSpec().GetNetwork(), in.GetAssumeZones()),
	}, nil
}

func (i *Ingresses) owner(r *ingressv1.Ingress) session.Owner {
	return object.Owner(i.Installation, object.Ingresses, r, r.GetSpec().GetCluster())
}
