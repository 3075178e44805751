package rpc

import (
	"context"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// warningHeader is the header with the warning of a server.
const warningHeader = "skep-warning"

// warning sends the warning of the server in the header of every answer.
type warning struct{ text func() string }

func (w warning) header() metadata.MD {
	if w.text == nil {
		return nil
	}
	if text := w.text(); text != "" {
		return metadata.Pairs(warningHeader, text)
	}
	return nil
}

func (w warning) unary(ctx context.Context, request any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	if header := w.header(); header != nil {
		_ = grpc.SetHeader(ctx, header) // an unsent warning is no reason to refuse the call
	}
	return handler(ctx, request)
}

func (w warning) stream(service any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	if header := w.header(); header != nil {
		_ = stream.SetHeader(header)
	}
	return handler(service, stream)
}

// warningReader passes the warning of the server to the client, once.
type warningReader struct {
	once    sync.Once
	receive func(string)
}

func (w *warningReader) read(header metadata.MD) {
	if warnings := header.Get(warningHeader); len(warnings) > 0 {
		w.once.Do(func() { w.receive(warnings[0]) })
	}
}

func (w *warningReader) unary(ctx context.Context, method string, request, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
	var header metadata.MD
	err := invoke(ctx, method, request, reply, conn, append(options, grpc.Header(&header))...)
	w.read(header)
	return err
}

func (w *warningReader) stream(ctx context.Context, description *grpc.StreamDesc, conn *grpc.ClientConn, method string, open grpc.Streamer, options ...grpc.CallOption) (grpc.ClientStream, error) {
	stream, err := open(ctx, description, conn, method, options...)
	if err != nil {
		return nil, err
	}
	return &warningStream{ClientStream: stream, reader: w}, nil
}

// warningStream reads the header of a stream with its first message.
type warningStream struct {
	grpc.ClientStream
	reader *warningReader
}

func (s *warningStream) RecvMsg(m any) error {
	err := s.ClientStream.RecvMsg(m)
	if header, unread := s.Header(); unread == nil {
		s.reader.read(header)
	}
	return err
}
