package api

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	bastionv1 "github.com/skep-dev/skep/proto/gen/go/skep/bastion/v1"
	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"
	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"

	"github.com/skep-dev/skep/libs/aws/machine"
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/collection"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/reconciler"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/services/bastion/internal/bastion"
)

// Bastions is all that is particular to bastions: how one is declared and what
// it is made of.
type Bastions struct {
	// Bucket holds the bastions, Networks what they stand in.
	Bucket, Networks *store.Bucket
	// Sessions opens their accounts.
	Sessions *session.Pool
	// Installation is tagged on everything.
	Installation string
}

// stages are the conditions of a bastion, in Cluster API's vocabulary.
var stages = []reconciler.Stage{{Type: "BastionHostReady", ResourceTypes: []string{"instance"}}}

func (b *Bastions) collection() *collection.Collection[*bastionv1.Bastion] {
	return &collection.Collection[*bastionv1.Bastion]{Type: object.Bastions, Bucket: b.Bucket, Validate: b.validate}
}

// Reconciler keeps what bastions declare.
func (b *Bastions) Reconciler() *reconciler.Reconciler[*bastionv1.Bastion] {
	return &reconciler.Reconciler[*bastionv1.Bastion]{
		Type: object.Bastions, Bucket: b.Bucket, TimeScale: b.Sessions.TimeScale(), ResyncPeriod: b.Sessions.ResyncPeriod(), InventoryAudit: b.Sessions.Missing, Stages: stages,
		Sessions: b.Sessions, Owner: b.owner, Prepare: b.prepare, Graph: b.graph, Factories: b.factories, RenderStatus: render,
	}
}

// validate says what is wrong with a specification beyond single fields.
func (b *Bastions) validate(_ context.Context, old, wanted *bastionv1.Bastion) error {
	var bad []fault.Field
	if old != nil {
		bad = frozen(old.GetSpec(), wanted.GetSpec())
	}
	if zones := zoneNames(b.network(wanted)); len(zones) > 0 {
		bad = append(bad, tooMany(wanted, zones)...)
	}
	if len(bad) > 0 {
		return fault.InvalidFields(bad...)
	}
	return nil
}

// frozen names every field that a specification has changed and may not.
func frozen(old, wanted *bastionv1.BastionSpec) []fault.Field {
	var bad []fault.Field
	for _, field := range []struct{ path, old, wanted string }{
		{"spec.cluster", old.GetCluster().GetUid(), wanted.GetCluster().GetUid()},
		{"spec.network", old.GetNetwork(), wanted.GetNetwork()},
		{"spec.instanceType", instanceType(old), instanceType(wanted)},
		{"spec.imageId", old.GetImageId(), wanted.GetImageId()},
	} {
		if field.old != field.wanted {
			bad = append(bad, fault.Field{Path: field.path, Message: "cannot be changed; delete the bastion and create it anew"})
		}
	}
	return bad
}

// tooMany says whether there are more hosts than zones.
func tooMany(r *bastionv1.Bastion, zones []string) []fault.Field {
	if int(r.GetSpec().GetHosts()) <= len(zones) {
		return nil
	}
	return []fault.Field{{Path: "spec.hosts", Message: fmt.Sprintf("is more than the %d zones of the network: there is one host a zone", len(zones))}}
}

// network is the network of a bastion, nil while it is not there.
func (b *Bastions) network(r *bastionv1.Bastion) *networkv1.Network {
	n, _ := object.Find[*networkv1.Network](b.Networks, object.Networks, r.GetSpec().GetNetwork())
	return n
}

// prepare chooses the image of a new bastion, once.
func (b *Bastions) prepare(ctx context.Context, r *bastionv1.Bastion, _ *recordv1.Record) error {
	if r.GetStatus().GetImageId() != "" {
		return nil
	}
	api, err := b.open(ctx, r)
	if err != nil {
		return err
	}
	image, err := machine.ChooseImage(ctx, api, r.GetSpec().GetImageId(), instanceType(r.GetSpec()))
	if err != nil {
		return err
	}
	if r.Status == nil {
		r.Status = new(bastionv1.BastionStatus)
	}
	r.Status.ImageId = image
	return nil
}

func (b *Bastions) graph(ctx context.Context, r *bastionv1.Bastion) (*graph.Graph, error) {
	return b.declare(ctx, r, zoneNames(b.network(r)))
}

// declare builds the graph for these zones. The zones may be known only after the
// bastion was declared, so their number is looked at here too.
func (b *Bastions) declare(ctx context.Context, r *bastionv1.Bastion, zones []string) (*graph.Graph, error) {
	if len(zones) == 0 {
		return nil, fault.Waitingf("%s has not chosen its zones yet", r.GetSpec().GetNetwork())
	}
	if bad := tooMany(r, zones); len(bad) > 0 {
		return nil, fault.InvalidFields(bad...)
	}
	api, err := b.open(ctx, r)
	if err != nil {
		return nil, err
	}
	return bastion.Resources(parseSpec(r, zones, provided(r.GetSpec().GetNetwork(), b.network(r))), api, b.owner(r)), nil
}

func (b *Bastions) factories(ctx context.Context, r *bastionv1.Bastion) (graph.Factories, error) {
	api, err := b.open(ctx, r)
	if err != nil {
		return nil, err
	}
	return bastion.Factories(api, b.owner(r)), nil
}

func (b *Bastions) plan(ctx context.Context, in *bastionv1.PlanBastionRequest) (*bastionv1.PlanBastionResponse, error) {
	r := in.GetBastion()
	there, exists := object.Find[*bastionv1.Bastion](b.Bucket, object.Bastions, r.GetName())
	if exists {
		r.Uid, r.Status = there.GetUid(), there.GetStatus()
	}
	if err := b.validate(ctx, there, r); err != nil {
		return nil, err
	}
	zones := zoneNames(b.network(r))
	if len(zones) == 0 {
		zones = in.GetAssumeZones()
	}
	g, err := b.declare(ctx, r, zones)
	if err != nil {
		return nil, err
	}
	actions, err := g.Plan(ctx, graph.Walk{Ledger: b.Reconciler().RecordedLedger(r.GetName())})
	if err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	return &bastionv1.PlanBastionResponse{Actions: reconciler.Actions(r.GetName(), actions), Zones: zones}, nil
}

func (b *Bastions) open(ctx context.Context, r *bastionv1.Bastion) (bastion.EC2, error) {
	session, err := b.Sessions.Session(ctx, r.GetSpec().GetAccount(), r.GetSpec().GetRegion())
	if err != nil {
		return nil, err
	}
	return ec2.NewFromConfig(session.Config), nil
}

func (b *Bastions) owner(r *bastionv1.Bastion) session.Owner {
	return object.Owner(b.Installation, object.Bastions, r, r.GetSpec().GetCluster())
}
