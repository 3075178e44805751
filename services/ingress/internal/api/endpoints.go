package api

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"

	ingressv1 "github.com/skep-dev/skep/proto/gen/go/skep/ingress/v1"
	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"

	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/definition"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/reconciler"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/services/ingress/internal/ingress"
)

// Endpoints is the definition of the object type ApiEndpoint. Referrers are the
// objects that name API endpoints.
func Endpoints(sources Sources, referrers object.ReferrerSet) definition.Definition[*ingressv1.ApiEndpoint, ingress.APIEndpointSpec] {
	zones := zoneIndex(sources.Own)
	return definition.Definition[*ingressv1.ApiEndpoint, ingress.APIEndpointSpec]{
		Type: object.ApiEndpoints,
		Stages: []reconciler.Stage{
			{Type: "LoadBalancerReady", ResourceTypes: []string{"load-balancer", "load-balancer-activation", "listener"}},
			{Type: "TargetGroupsReady", ResourceTypes: []string{"target-group", "target-group-attributes"}},
			{Type: "DNSReady", ResourceTypes: []string{"hosted-zone", "hosted-zone-tags", "parent-zone", "delegation", "record"}},
		},
		Validate: func(_ context.Context, _, desired *ingressv1.ApiEndpoint) error { return zoneIsFree(zones, desired) },
		Prepare:  sources.prepareEndpoint,
		Build: func(_ *ingressv1.ApiEndpoint, spec ingress.APIEndpointSpec, config aws.Config, owner session.Owner) *graph.Graph {
			return ingress.APIEndpointResources(spec, ingress.NewAWS(config), owner)
		},
		Factories: func(_ *ingressv1.ApiEndpoint, config aws.Config, owner session.Owner) graph.Factories {
			return ingress.Factories(ingress.NewAWS(config), owner)
		},
		DeleteBlocker: func(r *ingressv1.ApiEndpoint) func(string) string { return blockZone(r, referrers) },
		Status:        renderEndpoint,
		Zones:         func(r *ingressv1.ApiEndpoint) []string { return sources.zones(r.GetSpec().GetNetwork()) },
	}
}

// zoneIndex finds the API endpoints of a hosted zone by the name of the zone.
func zoneIndex(endpoints *store.Bucket) *store.Index {
	return endpoints.Index(func(record store.Record) string {
		endpoint, err := object.Unpack[*ingressv1.ApiEndpoint](record.Record, record.Revision)
		if err != nil {
			return "" // The record is of another object type.
		}
		return zoneName(endpoint.GetSpec())
	})
}

// zoneIsFree refuses a zone that another API endpoint has, as far as this replica
// knows. Of two API endpoints created at once, AWS refuses the delegation of one.
func zoneIsFree(zones *store.Index, desired *ingressv1.ApiEndpoint) error {
	var bad []fault.Field
	for _, key := range zones.Keys(zoneName(desired.GetSpec())) {
		if other := object.ApiEndpoints.Name(key); other != desired.GetName() {
			bad = append(bad, fault.Field{Path: "spec.zoneName", Message: fmt.Sprintf("is the zone of %s already", other)})
		}
	}
	if len(bad) > 0 {
		return fault.InvalidFields(bad...)
	}
	return nil
}

// prepareEndpoint decides once, before anything is created, whether the parent zone
// is in the account and delegates to the zone of the endpoint. A parent zone that
// appears or disappears later changes nothing.
func (s Sources) prepareEndpoint(ctx context.Context, in definition.Preparation[*ingressv1.ApiEndpoint]) (ingress.APIEndpointSpec, error) {
	r, parent := in.Object, ""
	if len(in.Record.GetLedger()) == 0 {
		config, err := in.Config(ctx)
		if err != nil {
			return ingress.APIEndpointSpec{}, err
		}
		parent, err = ingress.FindParentZone(ctx, ingress.NewAWS(config), zoneName(r.GetSpec()))
		if err != nil {
			return ingress.APIEndpointSpec{}, fmt.Errorf("find the parent zone: %w", err)
		}
		r.Status.Delegated = parent != ""
	}
	spec := parseEndpoint(r, s.network(r.GetSpec().GetNetwork(), (*networkv1.SecurityGroups).GetApiLoadBalancer))
	spec.Parent = parent
	return spec, nil
}

// blockZone keeps the hosted zone, and nothing else, while another object has a record
// in it.
func blockZone(r *ingressv1.ApiEndpoint, referrers object.ReferrerSet) func(string) string {
	return func(name string) string {
		if r.GetDeleteTime() == nil || graph.TypeOf(name) != "hosted-zone" {
			return ""
		}
		if user := referrers.First(r.GetName()); user != "" {
			return "is still used by " + user
		}
		return ""
	}
}
