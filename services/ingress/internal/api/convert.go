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

// usualPort is the port of the API where a specification says nothing.
const usualPort = 443

// zoneName is the name of the cluster's zone in small letters, without a dot at its end.
func zoneName(spec *ingressv1.ApiEndpointSpec) string {
	return strings.ToLower(strings.TrimSuffix(spec.GetZoneName(), "."))
}

func portOf(spec *ingressv1.ApiEndpointSpec) int32 {
	if port := spec.GetPort(); port > 0 {
		return port
	}
	return usualPort
}

// parseEndpoint reads an API endpoint in a network.
func parseEndpoint(e *ingressv1.ApiEndpoint, in ingress.Network) ingress.APIEndpointSpec {
	return ingress.APIEndpointSpec{
		Zone: zoneName(e.GetSpec()), Delegated: e.GetStatus().GetDelegated(), Port: portOf(e.GetSpec()), Network: in,
	}
}

// parseIngress reads an ingress in a network, beside an API endpoint that may not
// be there yet.
func parseIngress(i *ingressv1.Ingress, beside *ingressv1.ApiEndpoint, in ingress.Network) ingress.Spec {
	return ingress.Spec{
		Zone: zoneName(beside.GetSpec()), ZoneID: beside.GetStatus().GetZoneId(),
		Endpoint: "API endpoint " + object.ID(i.GetSpec().GetApiEndpoint()), Network: in,
	}
}

// renderEndpoint writes into the status what other services and people build on.
// Whether the zone is delegated was decided before anything was made.
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

// undelegated tells people what is left for them to do. It keeps nothing from
// being ready.
func undelegated(e *ingressv1.ApiEndpoint, zone graph.Entry) *typev1.Condition {
	return &typev1.Condition{
		Type: "Delegated", Status: typev1.Condition_FALSE, Reason: "NoParentZone", Since: timestamppb.New(zone.ReadyTime),
		Message: fmt.Sprintf("No zone above %s is in the account. Where it is kept, add an NS record for %[1]s with the name servers %s.",
			zoneName(e.GetSpec()), strings.Join(e.GetStatus().GetNameServers(), ", ")),
	}
}

// renderIngress writes into the status what other services and people build on.
func renderIngress(i *ingressv1.Ingress, beside *ingressv1.ApiEndpoint, entries map[string]graph.Entry) {
	status := i.GetStatus()
	if beside != nil {
		status.Host = "*." + zoneName(beside.GetSpec())
	}
	status.LoadBalancerHost = ready(entries, "load-balancer/ingress").Attributes[ingress.DNSName]
	status.TargetGroupArns = nil
	for _, name := range []string{"http", "https"} {
		if arn := ready(entries, "target-group/"+name).ID; arn != "" {
			if status.TargetGroupArns == nil {
				status.TargetGroupArns = make(map[string]string)
			}
			status.TargetGroupArns[name] = arn
		}
	}
}

// ready is an entry that is ready, or an empty one.
func ready(entries map[string]graph.Entry, name string) graph.Entry {
	if e := entries[name]; e.State == graph.Ready {
		return e
	}
	return graph.Entry{}
}
