// Package composer composes a cluster of its components. A cluster is a graph whose
// resources are the API objects of the other services: the composer applies, observes and
// deletes them through those services and makes no call to AWS.
//
// It uses the messages of the API, but neither HTTP nor the store.
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
func (c *ComponentClient[R]) get(ctx context.Context, name string) (R, error) {
	if observed, ok := c.Find(name); ok {
		return observed, nil
	}
	return c.Service.Get(ctx, name)
}

// Component is one component of a cluster. Its name is its natural key.
type Component[R object.Object] struct {
	graph.Node
	Client *ComponentClient[R]
	Label  string
	// Cluster is the uid of the cluster. An object with the name of the component that is
	// standalone or has another owner is neither changed nor deleted.
	Cluster string
	// Claim is the claim on the network that the cluster adopts; nil if it has its own.
	Claim *Adoption
	// Desired is the component as the spec of the cluster defines it. It is nil when the
	// component is deleted.
	Desired R
}

// Name implements graph.Resource.
func (c *Component[R]) Name() string { return c.Label }

// Needs implements graph.Resource. A component needs only the claim on an adopted network:
// otherwise the composer applies all components at once, and each service waits for the
// dependencies of its own objects.
func (c *Component[R]) Needs() []graph.Resource {
	if c.Claim == nil {
		return nil
	}
	return []graph.Resource{c.Claim}
}

// Key implements graph.NaturallyKeyed.
func (c *Component[R]) Key() string { return c.Desired.GetName() }

// ExpectedLatency implements graph.Asynchronous. A change of the component wakes its cluster,
// so the times matter only if an event is lost.
func (c *Component[R]) ExpectedLatency() graph.Latency {
	return graph.Latency{Ready: 30 * time.Second, Deleted: 30 * time.Second}
}

// Observe implements graph.Resource.
func (c *Component[R]) Observe(ctx context.Context) (graph.State, error) {
	observed, err := c.Client.get(ctx, c.ID())
	switch {
	case fault.Is(err, fault.NotFound):
		return graph.Absent, nil
	case err != nil:
		return graph.Absent, err
	}
	return c.state(observed)
}

func (c *Component[R]) state(observed R) (graph.State, error) {
	desired := c.Desired.ProtoReflect().IsValid()
	switch {
	case !c.isOwned(observed) && !desired:
		return graph.Absent, nil
	case !c.isOwned(observed):
		return graph.Absent, nameTaken(observed)
	case observed.GetDeleteTime() != nil:
		return graph.Pending, nil
	case !desired:
		// Its deletion is not requested yet. Whether it is ready does not matter: a component
		// that was applied late may wait forever for one that is being deleted.
		return graph.Ready, nil
	case !proto.Equal(specOf(observed), specOf(c.Desired)):
		return graph.Drifted, nil
	}
	return progress(observed)
}

// isOwned reports whether the cluster owns the observed object.
func (c *Component[R]) isOwned(observed R) bool {
	return object.OwnerRef(observed).GetUid() == c.Cluster
}

// nameTaken returns the fault for a component whose name another object has.
func nameTaken(observed object.Object) error {
	owner := "is standalone"
	if cluster := object.OwnerRef(observed); cluster != nil {
		owner = "is a component of " + cluster.GetName() + " with the uid " + cluster.GetUid()
	}
	return &fault.Fault{Kind: fault.Precondition, Class: fault.Configuration, Message: observed.GetName() + " exists already and " + owner,
		Remedy: "Delete it, or create the cluster under another name. A network can be adopted: name it in " + existing + "."}
}

// progress returns the state of a component that its service reports, or its fault if an
// actor must act on it.
func progress(observed object.Object) (graph.State, error) {
	if f := object.Condition(observed, object.ConditionReady).GetFault(); f != nil && f.GetActor() != typev1.Fault_NONE {
		return graph.Pending, fault.FromProto(f)
	}
	// Until the service has reconciled the latest spec, the state describes an earlier one.
	if object.State(observed) == typev1.State_READY && object.IsObserved(observed) {
		return graph.Ready, nil
	}
	return graph.Pending, nil
}

// Create implements graph.Resource.
func (c *Component[R]) Create(ctx context.Context) (graph.State, error) {
	return graph.Pending, c.Client.Service.Apply(ctx, c.Desired)
}

// Update implements graph.Updater.
func (c *Component[R]) Update(ctx context.Context) error {
	return c.Client.Service.Apply(ctx, c.Desired)
}

// Delete implements graph.Resource. It deletes only an object that the cluster owns.
func (c *Component[R]) Delete(ctx context.Context) error {
	observed, err := c.Client.Service.Get(ctx, c.ID())
	if fault.Is(err, fault.NotFound) || err == nil && !c.isOwned(observed) {
		return nil
	}
	if err != nil {
		return err
	}
	return c.Client.Service.Delete(ctx, c.ID(), observed.GetUid())
}

func (c *Component[R]) label() string { return c.Label }

// check returns the fault that Apply would return.
func (c *Component[R]) check(ctx context.Context) error {
	return c.Client.Service.Validate(ctx, c.Desired)
}

// plan returns the changes in AWS that Apply would cause.
func (c *Component[R]) plan(ctx context.Context, zones []string) ([]*typev1.PlannedAction, []string, error) {
	return c.Client.Service.Plan(ctx, c.Desired, zones)
}

// find returns the component of a name as the mirror shows it.
func (c *Component[R]) find(name string) (object.Object, bool) {
	observed, ok := c.Client.Find(name)
	return observed, ok
}

func specOf(r object.Object) proto.Message {
	fields := r.ProtoReflect().Descriptor().Fields()
	return r.ProtoReflect().Get(fields.ByName("spec")).Message().Interface()
}

// anyComponent is a component of any object type.
type anyComponent interface {
	graph.Resource
	// label is the name of the component within its cluster, such as `node-pool/workers`.
	label() string
	check(ctx context.Context) error
	plan(ctx context.Context, zones []string) ([]*typev1.PlannedAction, []string, error)
	Key() string
	find(name string) (object.Object, bool)
}

// checkAll checks the components. It returns one fault with all bad fields, or the first
// error without bad fields.
func checkAll(ctx context.Context, components []anyComponent) error {
	var fields []fault.Field
	for _, component := range components {
		err := component.check(ctx)
		if err == nil {
			continue
		}
		f := (*fault.Fault)(nil)
		if !errors.As(err, &f) || len(f.Fields) == 0 {
			return err
		}
		for _, field := range f.Fields {
			fields = append(fields, fault.Field{Path: origin(component.label(), field.Path), Message: field.Message})
		}
	}
	if len(fields) == 0 {
		return nil
	}
	return fault.InvalidFields(fields...)
}
