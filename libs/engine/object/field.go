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

// Set sets a field that every object has. Generated messages share no setters, so Set finds the
// field by name. It panics if the object type lacks the field: that is an error in its proto.
func Set(m proto.Message, field protoreflect.Name, value protoreflect.Value) {
	r := m.ProtoReflect()
	d := r.Descriptor().Fields().ByName(field)
	if d == nil {
		panic("object: " + string(r.Descriptor().FullName()) + " has no field " + string(field))
	}
	r.Set(d, value)
}

// SetString sets a string field; see Set.
func SetString(m proto.Message, field protoreflect.Name, value string) {
	Set(m, field, protoreflect.ValueOfString(value))
}

// SetTime sets a timestamp field; see Set.
func SetTime(m proto.Message, field protoreflect.Name, t time.Time) {
	Set(m, field, protoreflect.ValueOfMessage(timestamppb.New(t).ProtoReflect()))
}

// Spec returns the spec of an object, or nil.
func Spec(m proto.Message) proto.Message { return Field(m, "spec") }

// Field returns the message in a field, or nil if it is not set or does not exist.
func Field(m proto.Message, field protoreflect.Name) proto.Message {
	r := m.ProtoReflect()
	d := r.Descriptor().Fields().ByName(field)
	if d == nil || !r.Has(d) {
		return nil
	}
	return r.Get(d).Message().Interface()
}

// mutableStatus returns the status of an object, and sets an empty one if there is none.
func mutableStatus(m proto.Message) protoreflect.Message {
	r := m.ProtoReflect()
	return r.Mutable(r.Descriptor().Fields().ByName("status")).Message()
}

// Clear clears a field. It panics if the object type lacks the field.
func Clear(m proto.Message, field protoreflect.Name) {
	r := m.ProtoReflect()
	r.Clear(r.Descriptor().Fields().ByName(field))
}

// Unpack returns the object of a record, with the revision as its etag. It fails if the record
// holds another object type than R.
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

// Pack stores the object, without its etag, in the record.
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
