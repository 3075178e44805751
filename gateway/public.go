package gateway

import (
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/skep-dev/skep/libs/engine/object"
)

// public are the gRPC services of the other services that the gateway forwards, by name
// of the service that serves them. A gRPC service is public if its contract maps a method
// to REST; the others are for the services of Skep alone.
func public() map[string][]*grpc.ServiceDesc {
	found := make(map[string][]*grpc.ServiceDesc)
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		if !strings.HasPrefix(string(file.Package()), "skep.") {
			return true
		}
		owner := string(file.Package().Parent().Name())
		for i := range file.Services().Len() {
			if d := file.Services().Get(i); owner != object.Clusters.Service && hasREST(d) {
				found[owner] = append(found[owner], describe(d))
			}
		}
		return true
	})
	return found
}

// hasREST reports whether a method of the service has a google.api.http annotation.
func hasREST(service protoreflect.ServiceDescriptor) bool {
	for i := range service.Methods().Len() {
		if proto.HasExtension(service.Methods().Get(i).Options(), annotations.E_Http) {
			return true
		}
	}
	return false
}

// describe is a gRPC service as grpc.Server wants it described.
func describe(service protoreflect.ServiceDescriptor) *grpc.ServiceDesc {
	d := &grpc.ServiceDesc{ServiceName: string(service.FullName()), Metadata: service.ParentFile().Path()}
	for i := range service.Methods().Len() {
		method := service.Methods().Get(i)
		if method.IsStreamingServer() {
			d.Streams = append(d.Streams, grpc.StreamDesc{StreamName: string(method.Name()), ServerStreams: true})
			continue
		}
		d.Methods = append(d.Methods, grpc.MethodDesc{MethodName: string(method.Name())})
	}
	return d
}
