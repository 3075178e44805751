// Package validation holds messages to the rules that their protobuf files state.
// A bad message is one fault that names every bad field, by the path that it has
// in the client's document.
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

// Request validates what a client sends. Of a resource in a request with an
// update_mask the specification is left out: it need not be whole, and what it
// makes of the resource is validated once that is known. What is no message of
// protobuf passes.
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

// Resource validates a whole resource.
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
			fields[i].Message = "breaks the rule " + violation.Proto.GetRuleId()
		}
	}
	return fault.InvalidFields(fields...)
}

// jsonPath spells the path of a violation with the names that fields have in JSON,
// as they stand in the client's document: spec.access.apiCidrs[0]. The field of the
// request that holds the resource is left out, since over REST the document is the
// resource. A rule of the whole message has the path "request".
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

// isResource reports whether a field holds an API resource.
func isResource(field protoreflect.FieldDescriptor) bool {
	return field != nil && field.Message() != nil && proto.HasExtension(field.Message().Options(), annotations.E_Resource)
}
