package object

import (
	"fmt"
	"strconv"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"
)

// Set sets a field that every resource has. Generated messages share no
// setters, so this is the one place that goes by field name; a kind without the
// field is a mistake in its contract and panics in the first test.
func Set(m proto.Message, field protoreflect.Name, value protoreflect.Value) {
	r := m.ProtoReflect()
	d := r.Descriptor().Fields().ByName(field)
	if d == nil {
		panic("kind: " + string(r.Descriptor().FullName()) + " has no field " + string(field))
	}
	r.Set(d, value)
}

func SetString(m proto.Message, field protoreflect.Name, value string) {
	Set(m, field, protoreflect.ValueOfString(value))
}

func SetTime(m proto.Message, field protoreflect.Name, t time.Time) {
	Set(m, field, protoreflect.ValueOfMessage(timestamppb.New(t).ProtoReflect()))
}

// Spec is the specification of a resource, or nil.
func Spec(m proto.Message) proto.Message { return Field(m, "spec") }

func Field(m proto.Message, field protoreflect.Name) proto.Message {
	r := m.ProtoReflect()
	d := r.Descriptor().Fields().ByName(field)
	if d == nil || !r.Has(d) {
		return nil
	}
	return r.Get(d).Message().Interface()
}

// mutableStatus is the status of a resource, made if there is none.
func mutableStatus(m proto.Message) protoreflect.Message {
	r := m.ProtoReflect()
	return r.Mutable(r.Descriptor().Fields().ByName("status")).Message()
}

// Clear clears a field.
func Clear(m proto.Message, field protoreflect.Name) {
	r := m.ProtoReflect()
	r.Clear(r.Descriptor().Fields().ByName(field))
}

// Unpack returns the resource of a record, with the revision as its etag.
func Unpack[R Object](record *recordv1.Record, revision uint64) (R, error) {
	var none R
	m, err := record.GetResource().UnmarshalNew()
	if err != nil {
		return none, err
	}
	r, ok := m.(R)
	if !ok {
		return none, fmt.Errorf("record holds a %s", m.ProtoReflect().Descriptor().FullName())
	}
	SetString(r, "etag", strconv.FormatUint(revision, 10))
	return r, nil
}

// Pack puts the resource into its record.
func Pack[R Object](record *recordv1.Record, r R) error {
	stored := proto.CloneOf(r)
	Clear(stored, "etag")
	packed := new(anypb.Any)
	if err := anypb.MarshalFrom(packed, stored, proto.MarshalOptions{Deterministic: true}); err != nil {
		return err
	}
	record.Resource = packed
	return nil
}

// EnsureStatus gives a message a status if it has none.
func EnsureStatus(m proto.Message) { mutableStatus(m) }

// CarryOver gives desired the uid and the status of the stored object, which a client
// does not send.
func CarryOver(desired, stored Object) {
	SetString(desired, "uid", stored.GetUid())
	fields := desired.ProtoReflect().Descriptor().Fields()
	if status := fields.ByName("status"); stored.ProtoReflect().Has(status) {
		desired.ProtoReflect().Set(status, stored.ProtoReflect().Get(status))
	}
}
