// Package forward lets the gateway serve the gRPC services of the other services, so that
// one address serves the whole suite. A call passes the interceptors of the gateway and
// then goes to its service.
package forward

import (
	"context"
	"errors"
	"fmt"
	"io"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// Register registers a gRPC service that forwards every call through conn. It panics if the
// program does not contain the messages of the service.
func Register(registrar grpc.ServiceRegistrar, description *grpc.ServiceDesc, conn grpc.ClientConnInterface) {
	forwarded := grpc.ServiceDesc{ServiceName: description.ServiceName, HandlerType: (*any)(nil), Metadata: description.Metadata}
	for _, method := range description.Methods {
		forwarded.Methods = append(forwarded.Methods, unary(description.ServiceName, method.MethodName, conn))
	}
	for _, method := range description.Streams {
		forwarded.Streams = append(forwarded.Streams, serverStream(description.ServiceName, method, conn))
	}
	registrar.RegisterService(&forwarded, struct{}{})
}

func unary(service, method string, conn grpc.ClientConnInterface) grpc.MethodDesc {
	full := fmt.Sprintf("/%s/%s", service, method)
	input, output := messages(service, method)
	call := func(ctx context.Context, in any) (any, error) {
		out := output.New().Interface()
		if err := conn.Invoke(ctx, full, in, out); err != nil {
			return nil, err
		}
		return out, nil
	}
	return grpc.MethodDesc{MethodName: method, Handler: func(
		server any, ctx context.Context, decode func(any) error, interceptor grpc.UnaryServerInterceptor,
	) (any, error) {
		in := input.New().Interface()
		if err := decode(in); err != nil {
			return nil, err
		}
		if interceptor == nil {
			return call(ctx, in)
		}
		return interceptor(ctx, in, &grpc.UnaryServerInfo{Server: server, FullMethod: full}, call)
	}}
}

func serverStream(service string, method grpc.StreamDesc, conn grpc.ClientConnInterface) grpc.StreamDesc {
	full := fmt.Sprintf("/%s/%s", service, method.StreamName)
	input, output := messages(service, method.StreamName)
	return grpc.StreamDesc{StreamName: method.StreamName, ServerStreams: true, Handler: func(_ any, stream grpc.ServerStream) error {
		in := input.New().Interface()
		if err := stream.RecvMsg(in); err != nil {
			return err
		}
		client, err := conn.NewStream(stream.Context(), &grpc.StreamDesc{StreamName: method.StreamName, ServerStreams: true}, full)
		if err != nil {
			return err
		}
		if err := client.SendMsg(in); err != nil {
			return err
		}
		if err := client.CloseSend(); err != nil {
			return err
		}
		for {
			out := output.New().Interface()
			if err := client.RecvMsg(out); errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				return err
			}
			if err := stream.SendMsg(out); err != nil {
				return err
			}
		}
	}}
}

// messages returns the types of the request and the response of a method.
func messages(service, method string) (input, output protoreflect.MessageType) {
	d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(service))
	if err != nil {
		panic(fmt.Sprintf("forward: %s is not part of the program: %v", service, err))
	}
	m := d.(protoreflect.ServiceDescriptor).Methods().ByName(protoreflect.Name(method))
	return messageType(m.Input()), messageType(m.Output())
}

func messageType(d protoreflect.MessageDescriptor) protoreflect.MessageType {
	found, err := protoregistry.GlobalTypes.FindMessageByName(d.FullName())
	if err != nil {
		panic(fmt.Sprintf("forward: %s is not part of the program: %v", d.FullName(), err))
	}
	return found
}
