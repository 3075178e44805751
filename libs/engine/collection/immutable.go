package collection

import (
	"slices"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// validateImmutable returns a fault that names every changed field which the proto marks
// IMMUTABLE. Omitting such a field changes it.
func validateImmutable(old, desired object.Object) error {
	before, after := object.Spec(old), object.Spec(desired)
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
