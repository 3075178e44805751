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

// errClosed ends calls within the process when the server is closed, like a broken connection ends calls from
// outside.
var errClosed = status.Error(codes.Unavailable, "the server is closed")

// inprocess serves callers in the same process: the same services behind the same interceptors and spans, without a
// network. Messages are copied both ways, an error becomes the status that a network would carry, and the values of
// the caller's context stay with the caller.
type inprocess struct {
	channel *inprocgrpc.Channel

	mu     sync.Mutex
	closed bool
	calls  sync.WaitGroup
	// cut ends when calls in progress are canceled.
	cut    context.Context
	cutOff context.CancelFunc
}

func newInprocess(health grpc_health_v1.HealthServer, spans stats.Handler, unary []grpc.UnaryServerInterceptor, stream []grpc.StreamServerInterceptor) *inprocess {
	p := new(inprocess)
	p.cut, p.cutOff = context.WithCancel(context.Background())
	p.channel = new(inprocgrpc.Channel).
		WithCloner(inprocgrpc.CopyFunc(copyMessage)).
		WithClientStatsHandler(otelgrpc.NewClientHandler()).
		WithServerStatsHandler(spans).
		WithServerUnaryInterceptor(p.unary(unary)).
		WithServerStreamInterceptor(p.stream(stream))
	grpc_health_v1.RegisterHealthServer(p.channel, health)
	return p
}

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

// enter counts a call, unless the server accepts no more calls.
func (p *inprocess) enter() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return errStopping
	}
	p.calls.Add(1)
	return nil
}

// close makes the server accept no more calls. It does not wait for calls in progress.
func (p *inprocess) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
}

// unary wraps the interceptors of unary calls.
func (p *inprocess) unary(interceptors []grpc.UnaryServerInterceptor) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, request any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		if err := p.enter(); err != nil {
			return nil, toStatus(err)
		}
		defer p.calls.Done()
		for _, interceptor := range slices.Backward(interceptors) {
			next := handler
			handler = func(ctx context.Context, request any) (any, error) { return interceptor(ctx, request, info, next) }
		}
		response, err := handler(ctx, request)
		return response, toStatus(err)
	}
}

// stream wraps the interceptors of streams.
func (p *inprocess) stream(interceptors []grpc.StreamServerInterceptor) grpc.StreamServerInterceptor {
	return func(service any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
		if err := p.enter(); err != nil {
			return toStatus(err)
		}
		defer p.calls.Done()
		for _, interceptor := range slices.Backward(interceptors) {
			next := handler
			handler = func(service any, stream grpc.ServerStream) error { return interceptor(service, stream, info, next) }
		}
		return toStatus(handler(service, contextStream{stream}))
	}
}

// toStatus returns the error that a network would deliver.
func toStatus(err error) error {
	if s, ok := status.FromError(err); ok {
		return s.Err()
	}
	return status.FromContextError(err).Err()
}

// contextStream is a stream whose SendMsg returns the reason why its receiver left. The channel returns io.EOF, which
// a service would take for an error of its own.
type contextStream struct{ grpc.ServerStream }

// SendMsg implements grpc.ServerStream.
func (l contextStream) SendMsg(message any) error {
	err := l.ServerStream.SendMsg(message)
	if ended := l.Context().Err(); ended != nil && errors.Is(err, io.EOF) {
		return status.FromContextError(ended).Err()
	}
	return err
}
