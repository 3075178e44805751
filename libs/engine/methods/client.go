package methods

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/engine/object"
)

// Client calls the standard methods of one object type. It is safe for concurrent use.
type Client[R object.Object] struct {
	conn     grpc.ClientConnInterface
	contract service
}

// NewClient returns a client of the service of an object type.
func NewClient[R object.Object](conn grpc.ClientConnInterface, t object.Type) *Client[R] {
	return &Client[R]{conn: conn, contract: serviceOf(t)}
}

// Get returns the object of this name.
func (c *Client[R]) Get(ctx context.Context, name string) (R, error) {
	return c.one(ctx, "Get", func(in protoreflect.Message) {
		set(in, "name", protoreflect.ValueOfString(name))
	})
}

// Apply creates the object or brings it to a new specification.
func (c *Client[R]) Apply(ctx context.Context, desired R) error { return c.apply(ctx, desired, false) }

// Validate returns the fault that Apply would return, and changes nothing.
func (c *Client[R]) Validate(ctx context.Context, desired R) error {
	return c.apply(ctx, desired, true)
}

func (c *Client[R]) apply(ctx context.Context, desired R, validateOnly bool) error {
	_, err := c.one(ctx, "Apply", func(in protoreflect.Message) {
		in.Set(c.contract.methods["Apply"].input, protoreflect.ValueOfMessage(desired.ProtoReflect()))
		set(in, "validate_only", protoreflect.ValueOfBool(validateOnly))
	})
	return err
}

// Delete requests the deletion of the object with this name and uid. NotFound is
// success, also if another object has the name by now.
func (c *Client[R]) Delete(ctx context.Context, name, uid string) error {
	_, err := c.one(ctx, "Delete", func(in protoreflect.Message) {
		set(in, "name", protoreflect.ValueOfString(name))
		set(in, "uid", protoreflect.ValueOfString(uid))
		set(in, "allow_missing", protoreflect.ValueOfBool(true))
	})
	return err
}

// Plan returns what applying desired would do in AWS, in an order that works, and the
// zones that it uses: assumeZones where the network has chosen none yet.
func (c *Client[R]) Plan(ctx context.Context, desired R, assumeZones []string) ([]*typev1.PlannedAction, []string, error) {
	m := c.contract.methods["Plan"]
	in := m.request.New()
	in.Set(m.input, protoreflect.ValueOfMessage(desired.ProtoReflect()))
	setTexts(in, "assume_zones", assumeZones)
	out, err := c.call(ctx, m, in)
	if err != nil {
		return nil, nil, err
	}
	return out.(interface {
		GetActions() []*typev1.PlannedAction
	}).GetActions(), textsOf(out, "zones"), nil
}

// one calls a method whose result is one object.
func (c *Client[R]) one(ctx context.Context, verb string, fill func(in protoreflect.Message)) (R, error) {
	var none R
	m := c.contract.methods[verb]
	in := m.request.New()
	fill(in)
	out, err := c.call(ctx, m, in)
	if err != nil || !out.ProtoReflect().Has(m.object) {
		return none, err
	}
	return out.ProtoReflect().Get(m.object).Message().Interface().(R), nil
}

func (c *Client[R]) call(ctx context.Context, m method, in protoreflect.Message) (proto.Message, error) {
	out := m.answer.New().Interface()
	if err := c.conn.Invoke(ctx, "/"+string(c.contract.name)+"/"+m.name, in.Interface(), out); err != nil {
		return nil, err
	}
	return out, nil
}
