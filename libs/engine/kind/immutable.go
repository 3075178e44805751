package kind

import (
	"errors"
	"slices"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// immutable names every field that its contract marks IMMUTABLE and that
// wanted changes. To leave one out is to change it.
func immutable(old, wanted Resource) error {
	before, after := spec(old), spec(wanted)
	if before == nil {
		return nil
	}
	if after == nil {
		after = before.ProtoReflect().Type().Zero().Interface()
	}
	fields := changedFields("spec", before.ProtoReflect(), after.ProtoReflect())
	if len(fields) == 0 {
		return nil
	}
	return fault.InvalidFields(fields...)
}

func changedFields(path string, before, after protoreflect.Message) []fault.Field {
	var found []fault.Field
	fields := before.Descriptor().Fields()
	for i := range fields.Len() {
		d := fields.Get(i)
		at := path + "." + d.JSONName()
		if isImmutable(d) {
			if !before.Get(d).Equal(after.Get(d)) {
				found = append(found, fault.Field{Path: at, Message: "cannot be changed; create another one instead"})
			}
			continue
		}
		if d.Message() != nil && !d.IsList() && !d.IsMap() && before.Has(d) {
			found = append(found, changedFields(at, before.Get(d).Message(), after.Get(d).Message())...)
		}
	}
	return found
}

func isImmutable(d protoreflect.FieldDescriptor) bool {
	behaviors, _ := proto.GetExtension(d.Options(), annotations.E_FieldBehavior).([]annotations.FieldBehavior)
	return slices.Contains(behaviors, annotations.FieldBehavior_IMMUTABLE)
}

// firstFault merges the bad fields of all faults that err joins into one, so
// that a request gets one answer.
func firstFault(err error) error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return err
	}
	var fields []fault.Field
	for _, one := range joined.Unwrap() {
		f := (*fault.Fault)(nil)
		if !errors.As(one, &f) || len(f.Fields) == 0 {
			return one
		}
		for _, field := range f.Fields {
			named := slices.ContainsFunc(fields, func(f fault.Field) bool { return f.Path == field.Path })
			if !named {
				fields = append(fields, field)
			}
		}
	}
	return fault.InvalidFields(fields...)
}

func copyField(to, from proto.Message, field protoreflect.Name) {
	target, source := to.ProtoReflect(), from.ProtoReflect()
	d := target.Descriptor().Fields().ByName(field)
	if !source.Has(d) {
		target.Clear(d)
		return
	}
	copied := proto.Clone(from).ProtoReflect()
	target.Set(d, copied.Get(d))
}
