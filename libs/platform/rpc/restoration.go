package rpc

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// restoredUnary turns the status of a call back into the fault that it was.
func restoredUnary(ctx context.Context, method string, request, response any, connection *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
	return restored(ctx, invoke(ctx, method, request, response, connection, options...))
}

// restoredStream is restoredUnary for streams.
func restoredStream(ctx context.Context, description *grpc.StreamDesc, connection *grpc.ClientConn, method string, open grpc.Streamer, options ...grpc.CallOption) (grpc.ClientStream, error) {
	stream, err := open(ctx, description, connection, method, options...)
	if err != nil {
		return nil, restored(ctx, err)
	}
	return restoring{stream, ctx}, nil
}

// restored returns the fault. If the call ended because its caller gave up, the
// fault says so too: errors.Is finds context.Canceled or context.DeadlineExceeded
// in it.
func restored(ctx context.Context, err error) error {
	f, ok := fault.FromStatus(err).(*fault.Fault) //nolint:errorlint // FromStatus returns the fault itself.
	if !ok {
		return err
	}
	if code := status.Code(err); ctx.Err() != nil && (code == codes.Canceled || code == codes.DeadlineExceeded) {
		return f.Because(ctx.Err())
	}
	return f
}

// restoring is a stream whose errors are faults. The caller's context is kept
// apart, since that of the stream itself also ends when the stream does.
type restoring struct {
	grpc.ClientStream
	caller context.Context //nolint:containedctx // It lives exactly as long as the stream.
}

// RecvMsg receives a message. The end of the stream stays io.EOF.
func (r restoring) RecvMsg(message any) error {
	return restored(r.caller, r.ClientStream.RecvMsg(message))
}

// SendMsg sends a message. After io.EOF, RecvMsg has the fault.
func (r restoring) SendMsg(message any) error {
	return restored(r.caller, r.ClientStream.SendMsg(message))
}

// Header returns the header of the answer.
func (r restoring) Header() (metadata.MD, error) {
	header, err := r.ClientStream.Header()
	return header, restored(r.caller, err)
}

// CloseSend ends what the client sends.
func (r restoring) CloseSend() error { return restored(r.caller, r.ClientStream.CloseSend()) }
