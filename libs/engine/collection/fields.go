package collection

import (
	"errors"
	"slices"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// mergeFaults merges the invalid fields of all joined faults into one fault, so that a response
// lists all of them. If one of the errors has no fields, it returns that error.
func mergeFaults(err error) error {
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
