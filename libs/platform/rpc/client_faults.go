package rpc

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// faultUnary turns the status of a call back into its fault.
func faultUnary(ctx context.Context, method string, request, response any, connection *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
	return faultOf(ctx, invoke(ctx, method, request, response, connection, options...))
}

func faultStream(ctx context.Context, description *grpc.StreamDesc, connection *grpc.ClientConn, method string, open grpc.Streamer, options ...grpc.CallOption) (grpc.ClientStream, error) {
	stream, err := open(ctx, description, connection, method, options...)
	if err != nil {
		return nil, faultOf(ctx, err)
	}
	return faultClientStream{stream, ctx}, nil
}

// faultOf returns the fault of an error. If the call ended because its caller gave up, errors.Is finds
// context.Canceled or context.DeadlineExceeded in it.
func faultOf(ctx context.Context, err error) error {
	f, ok := fault.FromStatus(err).(*fault.Fault) //nolint:errorlint // FromStatus returns the fault itself
	if !ok {
		return err
	}
	if code := status.Code(err); ctx.Err() != nil && (code == codes.Canceled || code == codes.DeadlineExceeded) {
		return f.Because(ctx.Err())
	}
	return f
}

// faultClientStream is a stream whose errors are faults. It keeps the context of the caller, because the context of
// the stream also ends with the stream.
type faultClientStream struct {
	grpc.ClientStream
	caller context.Context //nolint:containedctx // it lives exactly as long as the stream
}

// RecvMsg implements grpc.ClientStream. The end of the stream stays io.EOF.
func (r faultClientStream) RecvMsg(message any) error {
	return faultOf(r.caller, r.ClientStream.RecvMsg(message))
}

// SendMsg implements grpc.ClientStream. After io.EOF, RecvMsg returns the fault.
func (r faultClientStream) SendMsg(message any) error {
	return faultOf(r.caller, r.ClientStream.SendMsg(message))
}

// Header implements grpc.ClientStream.
func (r faultClientStream) Header() (metadata.MD, error) {
	header, err := r.ClientStream.Header()
	return header, faultOf(r.caller, err)
}

// CloseSend implements grpc.ClientStream.
func (r faultClientStream) CloseSend() error { return faultOf(r.caller, r.ClientStream.CloseSend()) }
