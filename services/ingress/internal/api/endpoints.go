package api

import (
	"context"
	"fmt"
	"sync"

	ingressv1 "github.com/skep-dev/skep/proto/gen/go/skep/ingress/v1"
	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"

	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/collection"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/reconciler"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/services/ingress/internal/ingress"
)

// Endpoints is all that is particular to API endpoints: how one is declared,
// what it is made of, and who must be gone before its zone.
type Endpoints struct {
	// Bucket holds the API endpoints, Networks what they stand in.
	Bucket, Networks *store.Bucket
	// Sessions opens their accounts.
	Sessions *session.Pool
	// Installation is tagged on everything.
	Installation string
	// Referrers are the ingresses that name an API endpoint.
	Referrers *object.Referrers

	once  sync.Once
	zones *store.Index
	// parents are the zones above that were found, by name of API endpoint, from
	// prepare to graph.
	parents sync.Map
}

// inZone lists the keys of the API endpoints that have this zone.
func (e *Endpoints) inZone(zone string) []string {
	e.once.Do(func() {
		e.zones = e.Bucket.Index(func(record store.Record) string {
			there, err := object.Unpack[*ingressv1.ApiEndpoint](record.Record, record.Revision)
			if err != nil {
				return "" // It is of another kind.
			}
			return zoneName(there.GetSpec())
		})
	})
	return e.zones.Keys(zone)
}

// endpointStages are the conditions of an API endpoint. Cluster API has the first;
// the others follow its style.
var endpointStages = []reconciler.Stage{
	{Type: "LoadBalancerReady", ResourceTypes: []string{"load-balancer", "load-balancer-activation", "listener"}},
	{Type: "TargetGroupsReady", ResourceTypes: []string{"target-group", "target-group-attributes"}},
	{Type: "DNSReady", ResourceTypes: []string{"hosted-zone", "hosted-zone-tags", "parent-zone", "delegation", "record"}},
}

func (e *Endpoints) collection() *collection.Collection[*ingressv1.ApiEndpoint] {
	return &collection.Collection[*ingressv1.ApiEndpoint]{Type: object.ApiEndpoints, Bucket: e.Bucket, Validate: e.validate}
}

// Reconciler keeps what API endpoints declare.
func (e *Endpoints) Reconciler() *reconciler.Reconciler[*ingressv1.ApiEndpoint] {
	return &reconciler.Reconciler[*ingressv1.ApiEndpoint]{
		Type: object.ApiEndpoints, Bucket: e.Bucket, TimeScale: e.Sessions.TimeScale(), ResyncPeriod: e.Sessions.ResyncPeriod(), InventoryAudit: e.Sessions.Missing, Stages: endpointStages,
		Prepare: e.prepare, Graph: e.graph, Factories: e.factories, DeleteBlocker: e.deleteBlocker, RenderStatus: renderEndpoint,
	}
}

// validate says what is wrong with a specification beyond single fields. That no
// other API endpoint has the zone holds for what is known here and now; of two
// that come at once, the delegation of one is refused.
func (e *Endpoints) validate(_ context.Context, old, wanted *ingressv1.ApiEndpoint) error {
	var bad []fault.Field
	if old != nil && old.GetSpec().GetNetwork() != wanted.GetSpec().GetNetwork() {
		bad = append(bad, fault.Field{Path: "spec.network", Message: "cannot be changed; create another one instead"})
	}
	for _, key := range e.inZone(zoneName(wanted.GetSpec())) {
		if other := object.ApiEndpoints.Name(key); other != wanted.GetName() {
			bad = append(bad, fault.Field{Path: "spec.zoneName", Message: fmt.Sprintf("is the zone of %s already", other)})
		}
	}
	if len(bad) > 0 {
		return fault.InvalidFields(bad...)
	}
	return nil
}

// prepare decides once, before anything is made, whether the zone above is in the
// account and delegates: it is never torn down or taken over later because a zone
// came or went.
func (e *Endpoints) prepare(ctx context.Context, r *ingressv1.ApiEndpoint, record *recordv1.Record) error {
	if len(record.GetLedger()) > 0 {
		return nil
	}
	api, err := open(ctx, e.Sessions, r.GetSpec())
	if err != nil {
		return err
	}
	parent, err := ingress.FindParentZone(ctx, api, zoneName(r.GetSpec()))
	if err != nil {
		return fmt.Errorf("look for the zone above: %w", err)
	}
	if r.Status == nil {
		r.Status = new(ingressv1.ApiEndpointStatus)
	}
	r.Status.Delegated = parent != ""
	e.parents.Store(r.GetName(), parent)
	return nil
}

func (e *Endpoints) graph(ctx context.Context, r *ingressv1.ApiEndpoint) (*graph.Graph, error) {
	api, err := open(ctx, e.Sessions, r.GetSpec())
	if err != nil {
		return nil, err
	}
	spec := parseEndpoint(r, provided(e.Networks, r.GetSpec().GetNetwork(), endpointGroup))
	if parent, ok := e.parents.LoadAndDelete(r.GetName()); ok {
		spec.Parent = parent.(string)
	}
	return ingress.APIEndpointResources(spec, api, e.owner(r)), nil
}

func (e *Endpoints) factories(ctx context.Context, r *ingressv1.ApiEndpoint) (graph.Factories, error) {
	api, err := open(ctx, e.Sessions, r.GetSpec())
	if err != nil {
		return nil, err
	}
	return ingress.Factories(api, e.owner(r)), nil
}

// deleteBlocker keeps the zone, and nothing else, until no ingress has a record in it.
func (e *Endpoints) deleteBlocker(r *ingressv1.ApiEndpoint) func(string) string {
	return func(name string) string {
		if r.GetDeleteTime() == nil || graph.TypeOf(name) != "hosted-zone" {
			return ""
		}
		if keys := e.Referrers.Keys(r.GetName()); len(keys) > 0 {
			return "is still used by " + keys[0]
		}
		return ""
	}
}

func (e *Endpoints) plan(ctx context.Context, in *ingressv1.PlanApiEndpointRequest) (*ingressv1.PlanApiEndpointResponse, error) {
	r := in.GetApiEndpoint()
	there, exists := object.Find[*ingressv1.ApiEndpoint](e.Bucket, object.ApiEndpoints, r.GetName())
	if exists {
		r.Uid, r.Status = there.GetUid(), there.GetStatus()
	}
	if err := e.validate(ctx, there, r); err != nil {
		return nil, err
	}
	if !exists {
		if err := e.prepare(ctx, r, nil); err != nil {
			return nil, err
		}
	}
	g, err := e.graph(ctx, r)
	if err != nil {
		return nil, err
	}
	actions, err := g.Plan(ctx, graph.Walk{Ledger: e.Reconciler().RecordedLedger(r.GetName())})
	if err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	return &ingressv1.PlanApiEndpointResponse{
		Actions: reconciler.Actions(r.GetName(), actions),
		Zones:   zonesOf(e.Networks, r.GetSpec().GetNetwork(), in.GetAssumeZones()),
	}, nil
}

func (e *Endpoints) owner(r *ingressv1.ApiEndpoint) session.Owner {
	return object.Owner(e.Installation, object.ApiEndpoints, r, r.GetSpec().GetCluster())
}
