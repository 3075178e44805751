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

// Local returns a client of servers within the process. Every call asks which of
// them it goes to; a call that declares itself idempotent asks again when the server
// is unavailable. What options say goes with every call, such as
// grpc.PerRPCCredentials. The client holds nothing that must be closed.
func Local(which func(context.Context) (*Server, error), options ...grpc.CallOption) grpc.ClientConnInterface {
	return &local{which: which, options: options}
}

// Loopback returns a client of this server within the process, through the same
// interceptors as a client from outside. Call it after the last RegisterService, and
// Close on the server unless it is served as well.
func (s *Server) Loopback(options ...grpc.CallOption) grpc.ClientConnInterface {
	return Local(func(context.Context) (*Server, error) { return s, nil }, options...)
}

// local implements grpc.ClientConnInterface.
type local struct {
	which   func(context.Context) (*Server, error)
	options []grpc.CallOption
}

// Invoke calls a unary method.
func (l *local) Invoke(ctx context.Context, method string, request, response any, options ...grpc.CallOption) error {
	return again(ctx, method, func() error {
		server, err := l.which(ctx)
		if err != nil {
			return err
		}
		return server.inprocess.invoke(ctx, method, request, response, slices.Concat(l.options, options)...)
	})
}

// NewStream opens a stream. It is not opened again once it was: who watches begins
// anew.
func (l *local) NewStream(ctx context.Context, about *grpc.StreamDesc, method string, options ...grpc.CallOption) (stream grpc.ClientStream, err error) {
	err = again(ctx, method, func() error {
		server, err := l.which(ctx)
		if err != nil {
			return err
		}
		stream, err = server.inprocess.open(ctx, about, method, slices.Concat(l.options, options)...)
		return err
	})
	return stream, err
}

// again makes a call, and makes it again as retryPolicy says.
func again(ctx context.Context, method string, call func() error) error {
	err := call()
	for attempt := 1; attempt < maxAttempts && err != nil && status.Code(err) == codes.Unavailable && isRepeatable(method); attempt++ {
		pause := initialBackoff << (attempt - 1)
		timer := time.NewTimer(pause*4/5 + rand.N(pause*2/5)) //nolint:gosec // Jitter is no secret.
		select {
		case <-ctx.Done():
			timer.Stop()
			return restored(ctx, status.FromContextError(ctx.Err()).Err())
		case <-timer.C:
		}
		err = call()
	}
	return err
}

// invoke makes one unary call. The request is copied before anything else can
// happen, since the caller may use it again as soon as it has given up.
func (i *inprocess) invoke(ctx context.Context, method string, request, response any, options ...grpc.CallOption) error {
	within, end := i.bind(ctx)
	defer end()
	if m, ok := request.(proto.Message); ok {
		request = proto.Clone(m)
	}
	return restored(ctx, told(within, i.channel.Invoke(within, method, request, response, options...)))
}

// open opens one stream.
func (i *inprocess) open(ctx context.Context, about *grpc.StreamDesc, method string, options ...grpc.CallOption) (grpc.ClientStream, error) {
	within, end := i.bind(ctx)
	stream, err := i.channel.NewStream(within, about, method, options...)
	if err != nil {
		end()
		return nil, restored(ctx, told(within, err))
	}
	// A stream that is left unread lives as long as its context, as gRPC's do. The
	// channel would end it from a finalizer, which no bubble of synctest survives.
	context.AfterFunc(within, func() { runtime.KeepAlive(stream) })
	return restoring{&bound{ClientStream: stream, within: within, end: end, single: !about.ServerStreams}, ctx}, nil
}

// bind returns the context of a call, which also ends when the server is closed.
func (i *inprocess) bind(ctx context.Context) (within context.Context, end func()) {
	within, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(i.cut, func() { cancel(errCut) })
	return within, func() {
		stop()
		cancel(nil)
	}
}

// told is what the caller is told of an error.
func told(within context.Context, err error) error {
	if err != nil && errors.Is(context.Cause(within), errCut) {
		return errCut
	}
	return err
}

// bound is a stream that ends with its server, and frees what it holds when it ends.
type bound struct {
	grpc.ClientStream
	within context.Context //nolint:containedctx // It lives exactly as long as the stream.
	end    func()
	single bool
}

// RecvMsg receives a message.
func (b *bound) RecvMsg(message any) error {
	err := told(b.within, b.ClientStream.RecvMsg(message))
	if err != nil || b.single {
		b.end()
	}
	return err
}

// SendMsg sends a message.
func (b *bound) SendMsg(message any) error { return told(b.within, b.ClientStream.SendMsg(message)) }

// Header returns the header of the answer.
func (b *bound) Header() (metadata.MD, error) {
	header, err := b.ClientStream.Header()
	return header, told(b.within, err)
}
