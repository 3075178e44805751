// Package validation checks messages against the rules in their protobuf files. An invalid message is one fault that
// names every invalid field, by its path in the client's document.
package validation

import (
	"errors"
	"fmt"

	rules "buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"buf.build/go/protovalidate"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// Request validates the request of a client. If the request has an update_mask, it skips the spec of the object: the
// spec may be partial, and the service validates the merged object. A request that is not a protobuf message is
// valid.
func Request(request any) error {
	m, ok := request.(proto.Message)
	if !ok {
		return nil
	}
	if m.ProtoReflect().Descriptor().Fields().ByName("update_mask") == nil {
		return validate(m)
	}
	return validate(m, protovalidate.WithFilter(protovalidate.FilterFunc(func(in protoreflect.Message, of protoreflect.Descriptor) bool {
		return of.Name() != "spec" || !proto.HasExtension(in.Descriptor().Options(), annotations.E_Resource)
	})))
}

// Resource validates a complete object.
func Resource(resource proto.Message) error { return validate(resource) }

func validate(m proto.Message, options ...protovalidate.ValidationOption) error {
	err := protovalidate.GlobalValidator.Validate(m, options...)
	var invalid *protovalidate.ValidationError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &invalid):
		return fmt.Errorf("validate %s: %w", m.ProtoReflect().Descriptor().FullName(), err)
	}
	fields := make([]fault.Field, len(invalid.Violations))
	for i, violation := range invalid.Violations {
		fields[i] = fault.Field{Path: jsonPath(m.ProtoReflect().Descriptor(), violation.Proto), Message: violation.Proto.GetMessage()}
		if fields[i].Message == "" {
			fields[i].Message = "violates the rule " + violation.Proto.GetRuleId()
		}
	}
	return fault.InvalidFields(fields...)
}

// jsonPath returns the path of a violation with JSON names, as in the client's document: spec.access.apiCidrs[0]. It
// omits the field of the request that holds the object, because over REST the document is the object. A rule of the
// whole message has the path "request".
func jsonPath(message protoreflect.MessageDescriptor, violation *rules.Violation) string {
	request := message
	path := proto.CloneOf(violation.GetField())
	for _, element := range path.GetElements() {
		if message == nil {
			break
		}
		field := message.Fields().ByNumber(protoreflect.FieldNumber(element.GetFieldNumber()))
		if field == nil {
			break
		}
		element.FieldName = proto.String(field.JSONName())
		message = field.Message()
		if field.IsMap() {
			message = field.MapValue().Message()
		}
	}
	if len(path.GetElements()) == 0 {
		return "request"
	}
	if len(path.GetElements()) > 1 && isResource(request.Fields().ByNumber(protoreflect.FieldNumber(path.GetElements()[0].GetFieldNumber()))) {
		path.Elements = path.GetElements()[1:]
	}
	return protovalidate.FieldPathString(path)
}

// isResource reports whether a field holds an API object.
func isResource(field protoreflect.FieldDescriptor) bool {
	return field != nil && field.Message() != nil && proto.HasExtension(field.Message().Options(), annotations.E_Resource)
}
