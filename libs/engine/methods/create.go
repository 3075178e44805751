package methods

import (
	"context"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// idField is the field of a request that holds the id of a new object, such as `node_pool_id`.
func idField(t object.Type) protoreflect.Name {
	return protoreflect.Name(strings.ReplaceAll(t.Singular, " ", "_") + "_id")
}

func (s *Server[R]) create(m method) Unary {
	return func(ctx context.Context, in proto.Message) (proto.Message, error) {
		desired := objectIn[R](m, in)
		if err := s.setName(desired, in); err != nil {
			return nil, err
		}
		return m.respond(s.Collection.Create(ctx, desired, get[string](in, "request_id"), get[bool](in, "validate_only")))
	}
}

func (s *Server[R]) update(m method) Unary {
	return func(ctx context.Context, in proto.Message) (proto.Message, error) {
		mask, _ := in.(interface{ GetUpdateMask() *fieldmaskpb.FieldMask })
		return m.respond(s.Collection.Update(ctx, objectIn[R](m, in), mask.GetUpdateMask(), get[bool](in, "validate_only")))
	}
}

// setName sets the name of an object that a request names by `parent` and `<singular>_id`
// (AIP-133), and refuses a different one. Without a parent the object has its name already.
func (s *Server[R]) setName(desired R, in proto.Message) error {
	parent := get[string](in, "parent")
	if parent == "" {
		return nil
	}
	t := s.Collection.Type
	name := parent + "/" + t.CollectionID + "/" + get[string](in, idField(t))
	if desired.GetName() != "" && desired.GetName() != name {
		return fault.InvalidFields(fault.Field{Path: "name", Message: "must be " + name + " or empty"})
	}
	object.SetString(desired, "name", name)
	return nil
}
