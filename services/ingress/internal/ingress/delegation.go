package ingress

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// Delegation is the record in the zone above that sends the world to the
// cluster's zone. The zone above is somebody else's: a delegation that Skep did
// not make is neither taken over nor removed.
type Delegation struct {
	graph.Node
	account
	Parent *ParentZone
	Zone   *HostedZone
}

const (
	// delegationTTL is for how many seconds a delegation may be kept by resolvers.
	delegationTTL = 300
	// written is the attribute that says that the record is Skep's.
	written = "written"
)

// Name implements graph.Resource.
func (d *Delegation) Name() string { return "delegation" }

// Needs implements graph.Resource.
func (d *Delegation) Needs() []graph.Resource { return []graph.Resource{d.Parent, d.Zone} }

// Key implements graph.Keyed: the zone above, the name, and the name servers, so
// that a deletion removes what was written and nothing else.
func (d *Delegation) Key() string {
	return strings.Join([]string{d.Parent.ID(), d.Zone.Zone, d.Zone.Attribute(NameServers)}, "/")
}

// parts are the parts of the key.
func (d *Delegation) parts() (zone, name, servers string) {
	zone, rest, _ := strings.Cut(d.ID(), "/")
	name, servers, _ = strings.Cut(rest, "/")
	return zone, name, servers
}

// Observe implements graph.Resource.
func (d *Delegation) Observe(ctx context.Context) (graph.State, error) {
	found, err := d.find(ctx)
	if err != nil || found == nil {
		return graph.Absent, err
	}
	_, _, servers := d.parts()
	switch same := serversOf(found) == servers; {
	case same && (d.Zone == nil || d.ID() == d.Key()):
		d.SetAttribute(written, "true")
		return graph.Ready, nil
	case same || d.Attribute(written) != "":
		return graph.Drifted, nil
	}
	return graph.Absent, d.taken(found)
}

func (d *Delegation) find(ctx context.Context) (*types.ResourceRecordSet, error) {
	zone, name, _ := d.parts()
	found, err := findRecordSet(ctx, d, zone, name, types.RRTypeNs)
	return found, errorclass.IgnoreNotFound(err)
}

func serversOf(set *types.ResourceRecordSet) string {
	var names []string
	for _, record := range set.ResourceRecords {
		names = append(names, aws.ToString(record.Value))
	}
	return nameServers(names)
}

// taken says that the name is delegated elsewhere.
func (d *Delegation) taken(found *types.ResourceRecordSet) error {
	zone, name, _ := d.parts()
	return &fault.Fault{Kind: fault.Precondition, Class: fault.Configuration,
		Message: "zone " + zone + " delegates " + name + " to " + serversOf(found) + " already",
		Remedy:  "Choose another zone name, or remove that NS record if nobody needs it."}
}

func (d *Delegation) recordSet() *types.ResourceRecordSet {
	return delegationOf(d.Zone.Zone, d.Zone.Attribute(NameServers))
}

// delegationOf sends a name to these servers.
func delegationOf(name, servers string) *types.ResourceRecordSet {
	set := &types.ResourceRecordSet{Name: aws.String(name), Type: types.RRTypeNs, TTL: aws.Int64(delegationTTL)}
	for server := range strings.SplitSeq(servers, ",") {
		set.ResourceRecords = append(set.ResourceRecords, types.ResourceRecord{Value: aws.String(server + ".")})
	}
	return set
}

// Create implements graph.Resource. It is refused if there is a record already.
func (d *Delegation) Create(ctx context.Context) (graph.State, error) {
	err := changeRecordSet(ctx, d, d.Parent.ID(), types.ChangeActionCreate, d.recordSet())
	if errorclass.Code(err) == notAsSaid {
		if state, seen := d.Observe(ctx); seen != nil || state != graph.Absent {
			return state, seen
		}
	}
	if err != nil {
		return graph.Absent, err
	}
	d.SetAttribute(written, "true")
	return graph.Ready, nil
}

// Update implements graph.Updater: it writes again what is Skep's.
func (d *Delegation) Update(ctx context.Context) error {
	if err := changeRecordSet(ctx, d, d.Parent.ID(), types.ChangeActionUpsert, d.recordSet()); err != nil {
		return err
	}
	d.SetID(d.Key())
	return nil
}

// Delete implements graph.Resource. Only a record that says what Skep wrote is
// deleted, or one that differs in nothing but how long it is good.
func (d *Delegation) Delete(ctx context.Context) error {
	zone, name, servers := d.parts()
	err := changeRecordSet(ctx, d, zone, types.ChangeActionDelete, delegationOf(name, servers))
	if errorclass.Code(err) != notAsSaid {
		return errorclass.IgnoreNotFound(err)
	}
	found, err := d.find(ctx)
	if err != nil || found == nil || serversOf(found) != servers {
		return err
	}
	return errorclass.IgnoreNotFound(changeRecordSet(ctx, d, zone, types.ChangeActionDelete, found))
}
