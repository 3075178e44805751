package rpc

import (
	"context"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// warningHeader carries what a server wants everybody who calls it to know.
const warningHeader = "skep-warning"

// warning says in the header of every answer what the server wants to be known.
type warning struct{ say func() string }

func (n warning) header() metadata.MD {
	if n.say == nil {
		return nil
	}
	if text := n.say(); text != "" {
		return metadata.Pairs(warningHeader, text)
	}
	return nil
}

func (n warning) unary(ctx context.Context, request any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	if header := n.header(); header != nil {
		_ = grpc.SetHeader(ctx, header) // A notice that cannot be given is no reason to refuse the call.
	}
	return handler(ctx, request)
}

func (n warning) stream(service any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	if header := n.header(); header != nil {
		_ = stream.SetHeader(header)
	}
	return handler(service, stream)
}

// warningReader tells a client, once, what its server wants to be known.
type warningReader struct {
	once sync.Once
	tell func(string)
}

func (n *warningReader) read(header metadata.MD) {
	if said := header.Get(warningHeader); len(said) > 0 {
		n.once.Do(func() { n.tell(said[0]) })
	}
}

func (n *warningReader) unary(ctx context.Context, method string, request, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
	var header metadata.MD
	err := invoke(ctx, method, request, reply, conn, append(options, grpc.Header(&header))...)
	n.read(header)
	return err
}

func (n *warningReader) stream(ctx context.Context, about *grpc.StreamDesc, conn *grpc.ClientConn, method string, open grpc.Streamer, options ...grpc.CallOption) (grpc.ClientStream, error) {
	stream, err := open(ctx, about, conn, method, options...)
	if err != nil {
		return nil, err
	}
	return &warningStream{ClientStream: stream, noticed: n}, nil
}

// warningStream reads the header of a stream with its first message.
type warningStream struct {
	grpc.ClientStream
	noticed *warningReader
}

func (s *warningStream) RecvMsg(m any) error {
	err := s.ClientStream.RecvMsg(m)
	if header, unread := s.Header(); unread == nil {
		s.noticed.read(header)
	}
	return err
}
