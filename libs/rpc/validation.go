package rpc

import (
	"context"
	"errors"
	"fmt"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"buf.build/go/protovalidate"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/skep-dev/skep/libs/fault"
)

// validatedUnary lets no bad request through.
func validatedUnary(ctx context.Context, request any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	if err := validateMessage(request); err != nil {
		return nil, err
	}
	return handler(ctx, request)
}

// validatedStream lets no bad message of a client through.
func validatedStream(service any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	return handler(service, validating{stream})
}

// validating is a stream that validates what it receives.
type validating struct{ grpc.ServerStream }

// RecvMsg receives a message and validates it.
func (v validating) RecvMsg(message any) error {
	if err := v.ServerStream.RecvMsg(message); err != nil {
		return err
	}
	return validateMessage(message)
}

// validateMessage returns one fault that names every bad field of a message, by
// the path that it has in JSON.
func validateMessage(message any) error {
	m, ok := message.(proto.Message)
	if !ok {
		return nil
	}
	err := protovalidate.GlobalValidator.Validate(m)
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
func jsonPath(message protoreflect.MessageDescriptor, violation *validate.Violation) string {
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
