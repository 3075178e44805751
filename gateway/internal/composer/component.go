// Package composer makes a cluster from its parts. A cluster is a graph like any
// other, only that its resources are API resources of the other services: they
// are applied, watched and deleted instead of created in AWS.
//
// It knows the API's messages, but neither HTTP nor the store.
package composer

import (
	"context"
	"errors"
	"time"

	"google.golang.org/protobuf/proto"

	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// ComponentClient reads and changes the components of one object type.
type ComponentClient[R object.Object] struct {
	// Find returns the component of a name as the mirror shows it, and whether there is one.
	Find func(name string) (R, bool)
	// Service is the service that owns the components.
	Service Service[R]
}

// Service is the service of one object type. *methods.Client implements it.
type Service[R object.Object] interface {
	// Get returns the component of a name as the service knows it.
	Get(ctx context.Context, name string) (R, error)
	// Apply creates or changes a component; Validate returns the fault of an Apply.
	Apply(ctx context.Context, desired R) error
	Validate(ctx context.Context, desired R) error
	// Delete requests the deletion of the component with the uid. NotFound is success,
	// also if the name belongs to another component by now.
	Delete(ctx context.Context, name, uid string) error
	// Plan returns what Apply would do in AWS, and the zones that it uses.
	Plan(ctx context.Context, desired R, assumeZones []string) ([]*typev1.PlannedAction, []string, error)
}

// get returns a component from the mirror, or from its service if the mirror does not
// show it: the mirror may lag.
func (p *ComponentClient[R]) get(ctx context.Context, name string) (R, error) {
	if there, ok := p.Find(name); ok {
		return there, nil
	}
	return p.Service.Get(ctx, name)
}

// Component is one part of a cluster. Its name is its natural key.
type Component[R object.Object] struct {
	graph.Node
	Peer  *ComponentClient[R]
	Label string
	// Cluster is the uid of the cluster. What has the name of the part and is of
	// another cluster, or of none, is not touched.
	Cluster string
	// Claim is on the network that the cluster adopts; nil if it has its own.
	Claim *Adoption
	// Wanted is the part as the cluster declares it.
	Wanted R
}

// Name implements graph.Resource.
func (p *Component[R]) Name() string { return p.Label }

// Needs implements graph.Resource: all parts are declared at once, and each
// service starts what it can, unless the network is another cluster's.
func (p *Component[R]) Needs() []graph.Resource {
	if p.Claim == nil {
		return nil
	}
	return []graph.Resource{p.Claim}
}

// Key implements graph.NaturallyKeyed.
func (p *Component[R]) Key() string { return p.Wanted.GetName() }

// ExpectedLatency implements graph.Asynchronous. A change of the part wakes its cluster, so the
// times only matter if an event is lost.
func (p *Component[R]) ExpectedLatency() graph.Latency {
	return graph.Latency{Ready: 30 * time.Second, Gone: 30 * time.Second}
}

// Observe implements graph.Resource.
func (p *Component[R]) Observe(ctx context.Context) (graph.State, error) {
	there, err := p.Peer.get(ctx, p.ID())
	switch {
	case fault.Is(err, fault.NotFound):
		return graph.Absent, nil
	case err != nil:
		return graph.Absent, err
	}
	return p.judge(there)
}

func (p *Component[R]) judge(there R) (graph.State, error) {
	wanted := p.Wanted.ProtoReflect().IsValid()
	switch {
	case !p.ours(there) && !wanted:
		return graph.Absent, nil
	case !p.ours(there):
		return graph.Absent, taken(there)
	case there.GetDeleteTime() != nil:
		return graph.Pending, nil
	case !wanted:
		// It is there and was not asked to go, however far it has come: a declaration
		// that was late may wait for ever for what goes.
		return graph.Ready, nil
	case !proto.Equal(specification(there), specification(p.Wanted)):
		return graph.Drifted, nil
	}
	return progress(there)
}

// ours reports whether what has the name of the part is the cluster's.
func (p *Component[R]) ours(there R) bool { return object.OwnerRef(there).GetUid() == p.Cluster }

// taken says that something else has the name of a part.
func taken(there object.Object) error {
	of := "was made by itself"
	if cluster := object.OwnerRef(there); cluster != nil {
		of = "is part of " + cluster.GetName() + " with the uid " + cluster.GetUid()
	}
	return &fault.Fault{Kind: fault.Precondition, Class: fault.Configuration, Message: there.GetName() + " exists already and " + of,
		Remedy: "Delete it, or create the cluster under another name. A network can be adopted: name it in " + existing + "."}
}

// progress says how far a service is with what was declared.
func progress(there object.Object) (graph.State, error) {
	for _, condition := range object.Conditions(there) {
		if f := condition.GetFault(); condition.GetType() == "Ready" && f != nil && f.GetActor() != typev1.Fault_NONE {
			return graph.Pending, fault.FromProto(f)
		}
	}
	// Of a declaration that its service has not seen yet, the state says nothing.
	if object.State(there) == typev1.State_READY && object.IsObserved(there) {
		return graph.Ready, nil
	}
	return graph.Pending, nil
}

// Create implements graph.Resource.
func (p *Component[R]) Create(ctx context.Context) (graph.State, error) {
	return graph.Pending, p.Peer.Service.Apply(ctx, p.Wanted)
}

// Update implements graph.Updater.
func (p *Component[R]) Update(ctx context.Context) error { return p.Peer.Service.Apply(ctx, p.Wanted) }

// Delete implements graph.Resource.
func (p *Component[R]) Delete(ctx context.Context) error {
	there, err := p.Peer.Service.Get(ctx, p.ID())
	if fault.Is(err, fault.NotFound) || err == nil && !p.ours(there) {
		return nil
	}
	if err != nil {
		return err
	}
	return p.Peer.Service.Delete(ctx, p.ID(), there.GetUid())
}

func (p *Component[R]) label() string { return p.Label }

// check says what would be wrong with declaring the part.
func (p *Component[R]) check(ctx context.Context) error {
	return p.Peer.Service.Validate(ctx, p.Wanted)
}

// plan says what declaring the part would do in AWS.
func (p *Component[R]) plan(ctx context.Context, zones []string) ([]*typev1.PlannedAction, []string, error) {
	return p.Peer.Service.Plan(ctx, p.Wanted, zones)
}

// find returns what is known here of a part of this kind.
func (p *Component[R]) find(name string) (object.Object, bool) {
	there, ok := p.Peer.Find(name)
	return there, ok
}

func specification(r object.Object) proto.Message {
	fields := r.ProtoReflect().Descriptor().Fields()
	return r.ProtoReflect().Get(fields.ByName("spec")).Message().Interface()
}

// anyComponent is a part of whatever kind.
type anyComponent interface {
	graph.Resource
	// label is what the part is called within its cluster.
	label() string
	check(ctx context.Context) error
	plan(ctx context.Context, zones []string) ([]*typev1.PlannedAction, []string, error)
	Key() string
	find(name string) (object.Object, bool)
}

// CheckAll says what would be wrong with the parts, all bad fields in one fault.
func CheckAll(ctx context.Context, parts []anyComponent) error {
	var fields []fault.Field
	for _, part := range parts {
		err := part.check(ctx)
		if err == nil {
			continue
		}
		f := (*fault.Fault)(nil)
		if !errors.As(err, &f) || len(f.Fields) == 0 {
			return err
		}
		for _, field := range f.Fields {
			fields = append(fields, fault.Field{Path: origin(part.label(), field.Path), Message: field.Message})
		}
	}
	if len(fields) == 0 {
		return nil
	}
	return fault.InvalidFields(fields...)
}
