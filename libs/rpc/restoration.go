package rpc

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/skep-dev/skep/libs/fault"
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
	return restoring{stream}, nil
}

// restored returns the fault. If the caller itself has given up, the fault says
// so too: errors.Is finds context.Canceled or context.DeadlineExceeded in it.
func restored(ctx context.Context, err error) error {
	restored := fault.FromStatus(err)
	if f, ok := restored.(*fault.Fault); ok && ctx.Err() != nil { //nolint:errorlint // FromStatus returns the fault itself.
		return f.Because(ctx.Err())
	}
	return restored
}

// restoring is a stream whose errors are faults.
type restoring struct{ grpc.ClientStream }

// RecvMsg receives a message. The end of the stream stays io.EOF.
func (r restoring) RecvMsg(message any) error {
	return restored(r.Context(), r.ClientStream.RecvMsg(message))
}

// SendMsg sends a message. After io.EOF, RecvMsg has the fault.
func (r restoring) SendMsg(message any) error {
	return restored(r.Context(), r.ClientStream.SendMsg(message))
}

// Header returns the header of the answer.
func (r restoring) Header() (metadata.MD, error) {
	header, err := r.ClientStream.Header()
	return header, restored(r.Context(), err)
}

// CloseSend ends what the client sends.
func (r restoring) CloseSend() error { return restored(r.Context(), r.ClientStream.CloseSend()) }
