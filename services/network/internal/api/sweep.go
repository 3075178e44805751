package api

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	classic "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/reconciler"
	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/services/network/internal/leftover"
)

// sweepName is what the looks for leftovers are planned under, and sweepInterval
// how long after one the next may follow, if AWS still refuses.
const (
	sweepName     = "sweep"
	sweepInterval = 15 * time.Second
)

// sweep looks for what others left in the VPC of a network that goes. The first
// look is a glance, once nobody uses the network any more; everything is looked
// at if that shows something, or when AWS refuses because something is in the
// way. Nothing foreign is called a blocker before AWS refused because of it.
func (n *Networks) sweep(ctx context.Context, r *networkv1.Network, ledger graph.Ledger) error {
	entries := ledger.Entries()
	vpc := idOf(entries, "vpc")
	if vpc == "" || n.used(r) != "" {
		return nil
	}
	refused, planned := slices.ContainsFunc(entries, inTheWay), ledger.NextPoll(sweepName)
	if time.Now().Before(planned) || !planned.IsZero() && !refused {
		return nil
	}
	ledger.SetNextPoll(sweepName, time.Now().Add(n.paced(sweepInterval)))
	finder, err := n.finder(ctx, r, entries)
	if err != nil {
		return err
	}
	if !refused {
		if clue, err := finder.Glance(ctx); err != nil || !clue {
			return err
		}
	}
	things, err := finder.Look(ctx)
	if err != nil {
		return err
	}
	things = slices.DeleteFunc(things, func(t leftover.Thing) bool {
		return t.Fate == leftover.Kept || t.Fate == leftover.Foreign && (!refused || len(t.On) == 0)
	})
	return intend(ctx, ledger, vpc, things)
}

// inTheWay reports whether AWS refused to delete a thing because of something else.
func inTheWay(e graph.Entry) bool { return e.Fault != nil && e.Fault.AWSCode == "DependencyViolation" }

// intend stores what is about to be removed or waited for. What it stands on
// waits for it, and is not refused any more.
func intend(ctx context.Context, ledger graph.Ledger, vpc string, things []leftover.Thing) error {
	known := newNames(ledger.Entries())
	for _, thing := range things {
		known.add(thing.ID, thing.Label())
	}
	var wg sync.WaitGroup
	errs := make([]error, len(things))
	for i, thing := range things {
		if known.ledger[thing.Label()] {
			continue
		}
		needs := known.of(thing.On)
		slog.Info("found", "thing", thing.Label(), "fate", thing.Fate, "by", thing.Creator)
		wg.Go(func() { errs[i] = ledger.Intend(ctx, thing.Entry(vpc, needs, time.Now())) })
		for _, e := range ledger.Entries() {
			if inTheWay(e) && slices.Contains(needs, e.Name) {
				e.Fault, e.Message = nil, ""
				ledger.Note(e)
			}
		}
	}
	wg.Wait()
	return errors.Join(errs...)
}

// prove looks for what outlives a VPC. What should have gone is removed first.
func (n *Networks) prove(ctx context.Context, r *networkv1.Network, ledger graph.Ledger) (*reconciler.Proof, error) {
	finder, err := n.finder(ctx, r, nil)
	if err != nil {
		return nil, err
	}
	proof, err := finder.Prove(ctx)
	if f := fault.Of(err); f != nil && f.Class == fault.Permission {
		return &reconciler.Proof{Reason: "Unproven", Message: "Skep may not look whether something is left: " + f.Message}, nil
	}
	if err != nil {
		return nil, err
	}
	if len(proof.Left) > 0 {
		return nil, intend(ctx, ledger, finder.VPC, proof.Left)
	}
	return &reconciler.Proof{Reason: proof.Reason(), Message: proof.String()}, nil
}

// finder looks in the VPC of a network, of which these are the things.
func (n *Networks) finder(ctx context.Context, r *networkv1.Network, entries []graph.Entry) (*leftover.Finder, error) {
	api, err := n.leftoverAWS(ctx, r.GetSpec())
	if err != nil {
		return nil, err
	}
	known := make(map[string]bool, len(entries))
	for _, e := range entries {
		known[e.ID] = true
	}
	vpc := idOf(entries, "vpc")
	if vpc == "" {
		vpc = r.GetStatus().GetVpcId()
	}
	retention := r.GetSpec().GetVolumeRetention()
	if tenant := r.GetStatus().GetTenant(); tenant != nil {
		retention = tenant.GetVolumeRetention()
	}
	return &leftover.Finder{
		AWS: api, Owner: n.tenant(r), VPC: vpc, Members: n.used(r) != "" || r.GetDeleteTime() == nil,
		DeleteVolumes: retention == networkv1.VolumeRetention_DELETE,
		Known:         func(id string) bool { return known[id] },
	}, nil
}

func (n *Networks) leftoverAWS(ctx context.Context, spec *networkv1.NetworkSpec) (leftover.AWS, error) {
	session, err := n.Sessions.Session(ctx, spec.GetAccount(), spec.GetRegion())
	if err != nil {
		return leftover.AWS{}, err
	}
	return leftover.AWS{
		EC2: ec2.NewFromConfig(session.Config), ELB: elb.NewFromConfig(session.Config), Classic: classic.NewFromConfig(session.Config),
	}, nil
}

// paced is what a time of AWS takes on this clock.
func (n *Networks) paced(d time.Duration) time.Duration {
	return time.Duration(float64(d) / n.Sessions.TimeScale())
}

func idOf(entries []graph.Entry, name string) string {
	for _, e := range entries {
		if e.Name == name {
			return e.ID
		}
	}
	return ""
}

// names finds what a ledger calls a thing by its id. Several entries may share
// one: the first is the thing itself, those after it are about it.
type names struct {
	byID   map[string]string
	ledger map[string]bool
}

func newNames(entries []graph.Entry) *names {
	n := &names{byID: make(map[string]string), ledger: make(map[string]bool)}
	for _, e := range entries {
		n.add(e.ID, e.Name)
		n.ledger[e.Name] = true
	}
	return n
}

func (n *names) add(id, name string) {
	if _, taken := n.byID[id]; !taken && id != "" {
		n.byID[id] = name
	}
}

// of are the names of these ids, and of what is named itself, each once.
func (n *names) of(ids []string) []string {
	var found []string
	for _, id := range ids {
		name := n.byID[id]
		if n.ledger[id] {
			name = id
		}
		if name != "" && !slices.Contains(found, name) {
			found = append(found, name)
		}
	}
	return found
}
