package rpc

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync"

	"github.com/fullstorydev/grpchan/inprocgrpc"
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// errCut is what a call within the process ends with when the server is closed, as
// a call from outside does when its connection breaks.
var errCut = status.Error(codes.Unavailable, "the server was closed")

// inprocess is the side of a server that callers in its own process reach: the same
// services behind the same interceptors and spans, without a network. Messages are
// copied both ways, an error crosses as the status that a network would carry, and
// the values of the caller's context stay with the caller.
type inprocess struct {
	channel *inprocgrpc.Channel

	mu     sync.Mutex
	closed bool
	calls  sync.WaitGroup
	// cut is done when what is under way is cut off.
	cut    context.Context
	cutOff context.CancelFunc
}

func newInprocess(health grpc_health_v1.HealthServer, spans stats.Handler, unary []grpc.UnaryServerInterceptor, stream []grpc.StreamServerInterceptor) *inprocess {
	i := new(inprocess)
	i.cut, i.cutOff = context.WithCancel(context.Background())
	i.channel = new(inprocgrpc.Channel).
		WithCloner(inprocgrpc.CopyFunc(copyMessage)).
		WithClientStatsHandler(otelgrpc.NewClientHandler()).
		WithServerStatsHandler(spans).
		WithServerUnaryInterceptor(i.unary(unary)).
		WithServerStreamInterceptor(i.stream(stream))
	grpc_health_v1.RegisterHealthServer(i.channel, health)
	return i
}

// copyMessage copies a message deeply.
func copyMessage(out, in any) error {
	to, ok := out.(proto.Message)
	from, same := in.(proto.Message)
	if !ok || !same || to.ProtoReflect().Descriptor() != from.ProtoReflect().Descriptor() {
		return status.Errorf(codes.Internal, "a %T cannot be copied to a %T", in, out)
	}
	proto.Reset(to)
	proto.Merge(to, from)
	return nil
}

// enter counts a call, unless the server takes no more of them.
func (i *inprocess) enter() error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.closed {
		return errStopping
	}
	i.calls.Add(1)
	return nil
}

// close takes no more calls. It waits for none.
func (i *inprocess) close() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.closed = true
}

// unary is what a unary call from inside goes through.
func (i *inprocess) unary(interceptors []grpc.UnaryServerInterceptor) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, request any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		if err := i.enter(); err != nil {
			return nil, crossing(err)
		}
		defer i.calls.Done()
		for _, interceptor := range slices.Backward(interceptors) {
			next := handler
			handler = func(ctx context.Context, request any) (any, error) { return interceptor(ctx, request, info, next) }
		}
		response, err := handler(ctx, request)
		return response, crossing(err)
	}
}

// stream is what a stream from inside goes through.
func (i *inprocess) stream(interceptors []grpc.StreamServerInterceptor) grpc.StreamServerInterceptor {
	return func(service any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
		if err := i.enter(); err != nil {
			return crossing(err)
		}
		defer i.calls.Done()
		for _, interceptor := range slices.Backward(interceptors) {
			next := handler
			handler = func(service any, stream grpc.ServerStream) error { return interceptor(service, stream, info, next) }
		}
		return crossing(handler(service, leaving{stream}))
	}
}

// crossing is the error as it comes out of a network.
func crossing(err error) error {
	if s, ok := status.FromError(err); ok {
		return s.Err()
	}
	return status.FromContextError(err).Err()
}

// leaving is a stream whose sender is told why its receiver is gone. The channel
// says io.EOF, which a service would take for an error of its own.
type leaving struct{ grpc.ServerStream }

// SendMsg sends a message.
func (l leaving) SendMsg(message any) error {
	err := l.ServerStream.SendMsg(message)
	if gone := l.Context().Err(); gone != nil && errors.Is(err, io.EOF) {
		return status.FromContextError(gone).Err()
	}
	return err
}
