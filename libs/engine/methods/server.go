package methods

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/engine/collection"
	"github.com/skep-dev/skep/libs/engine/object"
)

// Server answers the standard methods of one object type.
type Server[R object.Object] struct {
	// Collection serves all methods but Plan.
	Collection *collection.Collection[R]
	// Plan returns what applying desired would do in AWS, and the zones that it uses.
	// Nil if the contract has no Plan method. See Client.Plan.
	Plan func(ctx context.Context, desired R, assumeZones []string) ([]*typev1.PlannedAction, []string, error)
	// Custom answers the methods of the contract that are not standard, by name.
	Custom map[string]Unary
	// Streams answer the streaming methods of the contract that are not standard, by name.
	Streams map[string]Stream
}

// Unary answers one method: it reads in and returns the response.
type Unary func(ctx context.Context, in proto.Message) (proto.Message, error)

// Custom is a Unary with the messages of one method.
func Custom[I, O proto.Message](answer func(ctx context.Context, in I) (O, error)) Unary {
	return func(ctx context.Context, in proto.Message) (proto.Message, error) {
		out, err := answer(ctx, in.(I))
		if err != nil {
			return nil, err
		}
		return out, nil
	}
}

// Stream answers one streaming method: it reads in and sends responses until it returns.
type Stream func(ctx context.Context, in proto.Message, send func(proto.Message) error) error

// CustomStream is a Stream with the messages of one method.
func CustomStream[I, O proto.Message](answer func(ctx context.Context, in I, send func(O) error) error) Stream {
	return func(ctx context.Context, in proto.Message, send func(proto.Message) error) error {
		return answer(ctx, in.(I), func(out O) error { return send(out) })
	}
}

// Register adds the service of the object type to a gRPC server. It panics if a method
// of the contract is neither a standard one nor in Custom or Streams.
func (s *Server[R]) Register(registrar grpc.ServiceRegistrar) {
	contract := serviceOf(s.Collection.Type)
	description := grpc.ServiceDesc{ServiceName: string(contract.name), HandlerType: (*any)(nil), Metadata: contract.file}
	for _, name := range contract.names {
		if contract.streaming[name] {
			description.Streams = append(description.Streams, s.stream(contract, name))
			continue
		}
		description.Methods = append(description.Methods, s.unary(contract, name))
	}
	registrar.RegisterService(&description, struct{}{})
}

// unary is the handler of one method as gRPC wants it.
func (s *Server[R]) unary(contract service, name string) grpc.MethodDesc {
	request, answer := s.answer(contract, name)
	full := "/" + string(contract.name) + "/" + name
	return grpc.MethodDesc{MethodName: name, Handler: func(
		_ any, ctx context.Context, decode func(any) error, interceptor grpc.UnaryServerInterceptor,
	) (any, error) {
		in := request.New().Interface()
		if err := decode(in); err != nil {
			return nil, err
		}
		handle := func(ctx context.Context, in any) (any, error) { return answer(ctx, in.(proto.Message)) }
		if interceptor == nil {
			return handle(ctx, in)
		}
		return interceptor(ctx, in, &grpc.UnaryServerInfo{Server: s, FullMethod: full}, handle)
	}}
}

// answer is the request of a method and what answers it.
func (s *Server[R]) answer(contract service, name string) (protoreflect.MessageType, Unary) {
	if custom := s.Custom[name]; custom != nil {
		return contract.requests[name], custom
	}
	for verb, m := range contract.methods {
		if m.name != name {
			continue
		}
		switch verb {
		case "Create":
			return m.request, s.create(m)
		case "Update":
			return m.request, s.update(m)
		case "Apply":
			return m.request, s.apply(m)
		case "Get":
			return m.request, s.get(m)
		case "List":
			return m.request, s.list(m)
		case "Delete":
			return m.request, s.delete(m)
		case "Plan":
			return m.request, s.plan(m)
		}
	}
	panic("methods: nothing answers " + string(contract.name) + "." + name)
}

func (s *Server[R]) apply(m method) Unary {
	return func(ctx context.Context, in proto.Message) (proto.Message, error) {
		return m.respond(s.Collection.Apply(ctx, objectIn[R](m, in), get[bool](in, "validate_only")))
	}
}

func (s *Server[R]) get(m method) Unary {
	return func(_ context.Context, in proto.Message) (proto.Message, error) {
		return m.respond(s.Collection.Get(get[string](in, "name")))
	}
}

func (s *Server[R]) list(m method) Unary {
	return func(_ context.Context, in proto.Message) (proto.Message, error) {
		found, next, err := s.Collection.List(get[string](in, "parent"), in.(collection.ListRequest))
		if err != nil {
			return nil, err
		}
		out := m.answer.New()
		objects := out.Mutable(m.object).List()
		for _, r := range found {
			objects.Append(protoreflect.ValueOfMessage(r.ProtoReflect()))
		}
		set(out, "next_page_token", protoreflect.ValueOfString(next))
		return out.Interface(), nil
	}
}

func (s *Server[R]) delete(m method) Unary {
	return func(ctx context.Context, in proto.Message) (proto.Message, error) {
		return m.respond(s.Collection.Delete(ctx, in.(collection.Deletion)))
	}
}

func (s *Server[R]) plan(m method) Unary {
	return func(ctx context.Context, in proto.Message) (proto.Message, error) {
		desired := objectIn[R](m, in)
		if err := s.setName(desired, in); err != nil {
			return nil, err
		}
		actions, zones, err := s.Plan(ctx, desired, textsOf(in, "assume_zones"))
		if err != nil {
			return nil, err
		}
		out := m.answer.New()
		list := out.Mutable(out.Descriptor().Fields().ByName("actions")).List()
		for _, action := range actions {
			list.Append(protoreflect.ValueOfMessage(action.ProtoReflect()))
		}
		setTexts(out, "zones", zones)
		return out.Interface(), nil
	}
}

// stream is the handler of a streaming method as gRPC wants it.
func (s *Server[R]) stream(contract service, name string) grpc.StreamDesc {
	request, answer := contract.requests[name], s.Streams[name]
	if watch, ok := contract.methods["Watch"]; ok && watch.name == name {
		answer = s.watch(watch)
	}
	if answer == nil {
		panic("methods: nothing answers " + string(contract.name) + "." + name)
	}
	return grpc.StreamDesc{StreamName: name, ServerStreams: true, Handler: func(_ any, stream grpc.ServerStream) error {
		in := request.New().Interface()
		if err := stream.RecvMsg(in); err != nil {
			return err
		}
		return answer(stream.Context(), in, func(out proto.Message) error { return stream.SendMsg(out) })
	}}
}

func (s *Server[R]) watch(m method) Stream {
	return func(ctx context.Context, in proto.Message, send func(proto.Message) error) error {
		return s.Collection.Watch(ctx, get[string](in, "parent"), get[string](in, "filter"), func(c collection.Change[R]) error {
			out := m.answer.New()
			if c.Resource.ProtoReflect().IsValid() {
				out.Set(m.object, protoreflect.ValueOfMessage(c.Resource.ProtoReflect()))
			}
			set(out, "deleted", protoreflect.ValueOfBool(c.Deleted))
			set(out, "synced", protoreflect.ValueOfBool(c.Synced))
			return send(out.Interface())
		})
	}
}

// respond makes the response of a method whose result is one object.
func (m method) respond(r object.Object, err error) (proto.Message, error) {
	if err != nil {
		return nil, err
	}
	out := m.answer.New()
	if r.ProtoReflect().IsValid() {
		out.Set(m.object, protoreflect.ValueOfMessage(r.ProtoReflect()))
	}
	return out.Interface(), nil
}

// objectIn is the object of a request, or the zero value if it has none.
func objectIn[R object.Object](m method, in proto.Message) R {
	var none R
	if !in.ProtoReflect().Has(m.input) {
		return none
	}
	return in.ProtoReflect().Get(m.input).Message().Interface().(R)
}
