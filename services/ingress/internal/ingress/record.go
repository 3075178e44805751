package ingress

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/engine/graph"
)

// Record is an alias record for a load balancer in the zone of the cluster. Its name outlives the load
// balancer. The zone belongs to Skep, so Skep overwrites any record with this name.
type Record struct {
	graph.Node
	account
	// Use is `api` or `wildcard`.
	Use string
	// DNSName is the name of the record, in lower case and without a final dot.
	DNSName      string
	LoadBalancer *LoadBalancer
	// Zone is the zone if it is in the same graph; otherwise ZoneID holds its id.
	Zone   *HostedZone
	ZoneID *graph.Dependency
}

// Name implements graph.Resource.
func (r *Record) Name() string { return "record/" + r.Use }

// Needs implements graph.Resource.
func (r *Record) Needs() []graph.Resource {
	if r.Zone != nil {
		return []graph.Resource{r.Zone, r.LoadBalancer}
	}
	return []graph.Resource{r.ZoneID, r.LoadBalancer}
}

// Key implements graph.NaturallyKeyed: the id of the zone and the name.
func (r *Record) Key() string { return r.zone() + "/" + r.DNSName }

func (r *Record) zone() string {
	if r.Zone != nil {
		return r.Zone.ID()
	}
	return r.ZoneID.Value
}

// Observe implements graph.Resource.
func (r *Record) Observe(ctx context.Context) (graph.State, error) {
	found, err := r.find(ctx)
	if err != nil || found == nil {
		return graph.Absent, err
	}
	if r.LoadBalancer != nil && !r.points(found) {
		return graph.Drifted, nil
	}
	return graph.Ready, nil
}

func (r *Record) find(ctx context.Context) (*types.ResourceRecordSet, error) {
	zone, name, _ := strings.Cut(r.ID(), "/")
	found, err := findRecordSet(ctx, r, zone, name, types.RRTypeA)
	return found, errorclass.IgnoreNotFound(err)
}

// points reports whether found is an alias for the load balancer.
func (r *Record) points(found *types.ResourceRecordSet) bool {
	return found.AliasTarget != nil &&
		plainName(aws.ToString(found.AliasTarget.DNSName)) == plainName(r.LoadBalancer.Attribute(DNSName)) &&
		aws.ToString(found.AliasTarget.HostedZoneId) == r.LoadBalancer.Attribute(CanonicalZone)
}

// Create implements graph.Resource.
func (r *Record) Create(ctx context.Context) (graph.State, error) {
	if err := r.Update(ctx); err != nil {
		return graph.Absent, err
	}
	return graph.Ready, nil
}

// Update implements graph.Updater.
func (r *Record) Update(ctx context.Context) error {
	host, zone := r.LoadBalancer.Attribute(DNSName), r.LoadBalancer.Attribute(CanonicalZone)
	if err := changeRecordSet(ctx, r, r.zone(), types.ChangeActionUpsert, alias(r.DNSName, host, zone)); err != nil {
		return err
	}
	r.SetAttribute(DNSName, host)
	r.SetAttribute(CanonicalZone, zone)
	return nil
}

// alias returns an alias record set for host, a name in a hosted zone of AWS.
func alias(name, host, zone string) *types.ResourceRecordSet {
	return &types.ResourceRecordSet{
		Name: aws.String(name), Type: types.RRTypeA,
		AliasTarget: &types.AliasTarget{DNSName: aws.String(host), HostedZoneId: aws.String(zone), EvaluateTargetHealth: false},
	}
}

// Delete implements graph.Resource. Route 53 deletes a record only if the request repeats its exact values:
// Delete tries the values that Skep wrote, and then the observed ones, which another client may have changed.
func (r *Record) Delete(ctx context.Context) error {
	zone, name, _ := strings.Cut(r.ID(), "/")
	if r.Attribute(DNSName) != "" {
		err := changeRecordSet(ctx, r, zone, types.ChangeActionDelete, alias(name, r.Attribute(DNSName), r.Attribute(CanonicalZone)))
		if errorclass.Code(err) != recordMismatch {
			return errorclass.IgnoreNotFound(err)
		}
	}
	found, err := r.find(ctx)
	if err != nil || found == nil {
		return err
	}
	return errorclass.IgnoreNotFound(changeRecordSet(ctx, r, zone, types.ChangeActionDelete, found))
}
