package api

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	ingressv1 "github.com/skep-dev/skep/proto/gen/go/skep/ingress/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/services/ingress/internal/ingress"
)

// defaultPort is the port of the API if the spec has none.
const defaultPort = 443

// zoneName returns the name of the cluster's zone in lower case, without a trailing dot.
func zoneName(spec *ingressv1.ApiEndpointSpec) string {
	return strings.ToLower(strings.TrimSuffix(spec.GetZoneName(), "."))
}

func portOf(spec *ingressv1.ApiEndpointSpec) int32 {
	if port := spec.GetPort(); port > 0 {
		return port
	}
	return defaultPort
}

// parseEndpoint converts the spec of an API endpoint in a network.
func parseEndpoint(e *ingressv1.ApiEndpoint, in ingress.Network) ingress.APIEndpointSpec {
	return ingress.APIEndpointSpec{
		Zone: zoneName(e.GetSpec()), Delegated: e.GetStatus().GetDelegated(), Port: portOf(e.GetSpec()), Network: in,
	}
}

// parseIngress converts the spec of an ingress in a network. The API endpoint is nil while
// its record is missing.
func parseIngress(i *ingressv1.Ingress, endpoint *ingressv1.ApiEndpoint, in ingress.Network) ingress.Spec {
	return ingress.Spec{
		Zone: zoneName(endpoint.GetSpec()), ZoneID: endpoint.GetStatus().GetZoneId(),
		Endpoint: "API endpoint " + object.ID(i.GetSpec().GetApiEndpoint()), Network: in,
	}
}

// renderEndpoint writes into the status the values that other services and users need.
// Status.Delegated is already set: Prepare decides it before the first create.
func renderEndpoint(e *ingressv1.ApiEndpoint, entries map[string]graph.Entry) {
	status := e.GetStatus()
	status.Host, status.Port = "api."+zoneName(e.GetSpec()), portOf(e.GetSpec())
	status.LoadBalancerHost = ready(entries, "load-balancer/api").Attributes[ingress.DNSName]
	status.TargetGroupArn = ready(entries, "target-group/api").ID
	zone := ready(entries, "hosted-zone")
	status.ZoneId, status.NameServers = zone.ID, nil
	if servers := zone.Attributes[ingress.NameServers]; servers != "" {
		status.NameServers = strings.Split(servers, ",")
	}
	if zone.ID != "" && !status.GetDelegated() && e.GetDeleteTime() == nil {
		status.Conditions = append(status.Conditions, undelegated(e, zone))
	}
}

// undelegated returns the condition that asks the user for an NS record. The endpoint
// becomes ready without it.
func undelegated(e *ingressv1.ApiEndpoint, zone graph.Entry) *typev1.Condition {
	return &typev1.Condition{
		Type: "Delegated", Status: typev1.Condition_FALSE, Reason: "NoParentZone", Since: timestamppb.New(zone.ReadyTime),
		Message: fmt.Sprintf("The account has no parent zone of %s. In the parent zone, add an NS record for %[1]s with the name servers %s.",
			zoneName(e.GetSpec()), strings.Join(e.GetStatus().GetNameServers(), ", ")),
	}
}

// renderIngress writes into the status the values that other services and users need.
func renderIngress(i *ingressv1.Ingress, endpoint *ingressv1.ApiEndpoint, entries map[string]graph.Entry) {
	status := i.GetStatus()
	if endpoint != nil {
		status.Host = "*." + zoneName(endpoint.GetSpec())
	}
	status.LoadBalancerHost = ready(entries, "load-balancer/ingress").Attributes[ingress.DNSName]
	status.TargetGroupArns = &ingressv1.TargetGroupArns{Http: ready(entries, "target-group/http").ID, Https: ready(entries, "target-group/https").ID}
}

// ready returns an entry, or an empty one unless its resource is ready.
func ready(entries map[string]graph.Entry, name string) graph.Entry {
	if e := entries[name]; e.State == graph.Ready {
		return e
	}
	return graph.Entry{}
}
