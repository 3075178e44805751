package ingress

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/engine/graph"
)

// Record is an alias in the cluster's zone for a load balancer, so that the name
// stays when the load balancer is replaced. The zone is Skep's, and so is every
// record of this name in it.
type Record struct {
	graph.Node
	account
	// Use is what it is for: `api` or `wildcard`.
	Use string
	// DNSName is the name of the record, in small letters, without a dot at its end.
	DNSName      string
	LoadBalancer *LoadBalancer
	// Zone is the zone if it is in the same graph, ZoneID its id if it is not.
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

// Key implements graph.Keyed: the zone and the name.
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

// points reports whether a record is an alias for the load balancer.
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

// alias is a record that stands for a name of AWS in one of its zones.
func alias(name, host, zone string) *types.ResourceRecordSet {
	return &types.ResourceRecordSet{
		Name: aws.String(name), Type: types.RRTypeA,
		AliasTarget: &types.AliasTarget{DNSName: aws.String(host), HostedZoneId: aws.String(zone), EvaluateTargetHealth: false},
	}
}

// Delete implements graph.Resource. Route 53 deletes a record only if told all of
// what it says: what Skep wrote, or what somebody made of it since.
func (r *Record) Delete(ctx context.Context) error {
	zone, name, _ := strings.Cut(r.ID(), "/")
	if r.Attribute(DNSName) != "" {
		err := changeRecordSet(ctx, r, zone, types.ChangeActionDelete, alias(name, r.Attribute(DNSName), r.Attribute(CanonicalZone)))
		if errorclass.Code(err) != notAsSaid {
			return errorclass.IgnoreNotFound(err)
		}
	}
	found, err := r.find(ctx)
	if err != nil || found == nil {
		return err
	}
	return errorclass.IgnoreNotFound(changeRecordSet(ctx, r, zone, types.ChangeActionDelete, found))
}
