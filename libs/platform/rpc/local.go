package rpc

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// Local returns a client of servers within the process. Every call asks which for its server; an idempotent call asks
// again when the server is unavailable. The options apply to every call, such as grpc.PerRPCCredentials. The client
// needs no Close.
func Local(which func(context.Context) (*Server, error), options ...grpc.CallOption) grpc.ClientConnInterface {
	return &local{which: which, options: options}
}

// Loopback returns a client of this server within the process. Its calls pass the same interceptors as calls from
// outside. Call it after the last RegisterService, and call Close on the server unless it serves other listeners too.
func (s *Server) Loopback(options ...grpc.CallOption) grpc.ClientConnInterface {
	return Local(func(context.Context) (*Server, error) { return s, nil }, options...)
}

// local implements grpc.ClientConnInterface.
type local struct {
	which   func(context.Context) (*Server, error)
	options []grpc.CallOption
}

// Invoke implements grpc.ClientConnInterface.
func (l *local) Invoke(ctx context.Context, method string, request, response any, options ...grpc.CallOption) error {
	return retryCall(ctx, method, func() error {
		server, err := l.which(ctx)
		if err != nil {
			return err
		}
		return server.inprocess.invoke(ctx, method, request, response, slices.Concat(l.options, options)...)
	})
}

// NewStream implements grpc.ClientConnInterface. An open stream is not opened again: a caller that watches starts
// again.
func (l *local) NewStream(ctx context.Context, description *grpc.StreamDesc, method string, options ...grpc.CallOption) (stream grpc.ClientStream, err error) {
	err = retryCall(ctx, method, func() error {
		server, err := l.which(ctx)
		if err != nil {
			return err
		}
		stream, err = server.inprocess.open(ctx, description, method, slices.Concat(l.options, options)...)
		return err
	})
	return stream, err
}

// retryCall makes a call and retries it by retryPolicy.
func retryCall(ctx context.Context, method string, call func() error) error {
	err := call()
	for attempt := 1; attempt < maxAttempts && err != nil && status.Code(err) == codes.Unavailable && isRepeatable(method); attempt++ {
		pause := initialBackoff << (attempt - 1)
		timer := time.NewTimer(pause*4/5 + rand.N(pause*2/5)) //nolint:gosec // jitter needs no secure randomness
		select {
		case <-ctx.Done():
			timer.Stop()
			return faultOf(ctx, status.FromContextError(ctx.Err()).Err())
		case <-timer.C:
		}
		err = call()
	}
	return err
}

// invoke makes one unary call. It copies the request first, because a caller that gives up may reuse the request at
// once.
func (p *inprocess) invoke(ctx context.Context, method string, request, response any, options ...grpc.CallOption) error {
	within, end := p.bind(ctx)
	defer end()
	if m, ok := request.(proto.Message); ok {
		request = proto.Clone(m)
	}
	return faultOf(ctx, closedOr(within, p.channel.Invoke(within, method, request, response, options...)))
}

func (p *inprocess) open(ctx context.Context, description *grpc.StreamDesc, method string, options ...grpc.CallOption) (grpc.ClientStream, error) {
	within, end := p.bind(ctx)
	stream, err := p.channel.NewStream(within, description, method, options...)
	if err != nil {
		end()
		return nil, faultOf(ctx, closedOr(within, err))
	}
	// A stream that is not read to its end lives as long as its context, like a stream of gRPC. The channel would end
	// it from a finalizer, which panics in a bubble of synctest.
	context.AfterFunc(within, func() { runtime.KeepAlive(stream) })
	return faultClientStream{&bound{ClientStream: stream, within: within, end: end, single: !description.ServerStreams}, ctx}, nil
}

// bind returns the context of a call. It also ends when the server is closed.
func (p *inprocess) bind(ctx context.Context) (within context.Context, end func()) {
	within, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(p.cut, func() { cancel(errClosed) })
	return within, func() {
		stop()
		cancel(nil)
	}
}

// closedOr returns errClosed if the server was closed during the call, and err otherwise.
func closedOr(within context.Context, err error) error {
	if err != nil && errors.Is(context.Cause(within), errClosed) {
		return errClosed
	}
	return err
}

// bound is a stream that ends with its server. When it ends it releases its resources.
type bound struct {
	grpc.ClientStream
	within context.Context //nolint:containedctx // it lives exactly as long as the stream
	end    func()
	single bool
}

// RecvMsg implements grpc.ClientStream.
func (b *bound) RecvMsg(message any) error {
	err := closedOr(b.within, b.ClientStream.RecvMsg(message))
	if err != nil || b.single {
		b.end()
	}
	return err
}

// SendMsg implements grpc.ClientStream.
func (b *bound) SendMsg(message any) error {
	return closedOr(b.within, b.ClientStream.SendMsg(message))
}

// Header implements grpc.ClientStream.
func (b *bound) Header() (metadata.MD, error) {
	header, err := b.ClientStream.Header()
	return header, closedOr(b.within, err)
}
