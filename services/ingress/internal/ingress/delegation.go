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

// Delegation is the NS record in the parent zone that delegates to the cluster's zone. The parent zone is a
// foreign resource: Skep neither changes nor deletes an NS record that it did not write.
type Delegation struct {
	graph.Node
	account
	Parent *ParentZone
	Zone   *HostedZone
}

const (
	// delegationTTL is the time to live of the record, in seconds.
	delegationTTL = 300
	// written is the attribute that marks the record as written by Skep. Only then may Update overwrite it.
	written = "written"
)

// Name implements graph.Resource.
func (d *Delegation) Name() string { return "delegation" }

// Needs implements graph.Resource.
func (d *Delegation) Needs() []graph.Resource { return []graph.Resource{d.Parent, d.Zone} }

// Key implements graph.NaturallyKeyed: the id of the parent zone, the name, and the name servers. With them, Delete removes only
// the record that Skep wrote.
func (d *Delegation) Key() string {
	return strings.Join([]string{d.Parent.ID(), d.Zone.Zone, d.Zone.Attribute(NameServers)}, "/")
}

// parseID splits the ID, which has the form of the key.
func (d *Delegation) parseID() (zone, name, servers string) {
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
	_, _, servers := d.parseID()
	switch same := serversOf(found) == servers; {
	case same && (d.Zone == nil || d.ID() == d.Key()):
		d.SetAttribute(written, "true")
		return graph.Ready, nil
	case same || d.Attribute(written) != "":
		return graph.Drifted, nil
	}
	return graph.Absent, d.foreignRecord(found)
}

func (d *Delegation) find(ctx context.Context) (*types.ResourceRecordSet, error) {
	zone, name, _ := d.parseID()
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

// foreignRecord returns the fault for a record that delegates the name elsewhere.
func (d *Delegation) foreignRecord(found *types.ResourceRecordSet) error {
	zone, name, _ := d.parseID()
	return &fault.Fault{Kind: fault.Precondition, Class: fault.Configuration,
		Message: "zone " + zone + " delegates " + name + " to " + serversOf(found) + " already",
		Remedy:  "Choose another zone name, or delete that NS record if it is unused."}
}

func (d *Delegation) recordSet() *types.ResourceRecordSet {
	return delegationOf(d.Zone.Zone, d.Zone.Attribute(NameServers))
}

// delegationOf returns the NS record set of name with these name servers, which commas separate.
func delegationOf(name, servers string) *types.ResourceRecordSet {
	set := &types.ResourceRecordSet{Name: aws.String(name), Type: types.RRTypeNs, TTL: aws.Int64(delegationTTL)}
	for server := range strings.SplitSeq(servers, ",") {
		set.ResourceRecords = append(set.ResourceRecords, types.ResourceRecord{Value: aws.String(server + ".")})
	}
	return set
}

// Create implements graph.Resource. Route 53 refuses it if a record exists; Observe then decides whether that record is
// the desired one.
func (d *Delegation) Create(ctx context.Context) (graph.State, error) {
	err := changeRecordSet(ctx, d, d.Parent.ID(), types.ChangeActionCreate, d.recordSet())
	if errorclass.Code(err) == recordMismatch {
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

// Update implements graph.Updater. It writes the record again. It runs only for a record that Skep wrote.
func (d *Delegation) Update(ctx context.Context) error {
	if err := changeRecordSet(ctx, d, d.Parent.ID(), types.ChangeActionUpsert, d.recordSet()); err != nil {
		return err
	}
	d.SetID(d.Key())
	return nil
}

// Delete implements graph.Resource. It deletes only a record with the name servers that Skep wrote; the time to
// live may differ.
func (d *Delegation) Delete(ctx context.Context) error {
	zone, name, servers := d.parseID()
	err := changeRecordSet(ctx, d, zone, types.ChangeActionDelete, delegationOf(name, servers))
	if errorclass.Code(err) != recordMismatch {
		return errorclass.IgnoreNotFound(err)
	}
	found, err := d.find(ctx)
	if err != nil || found == nil || serversOf(found) != servers {
		return err
	}
	return errorclass.IgnoreNotFound(changeRecordSet(ctx, d, zone, types.ChangeActionDelete, found))
}
