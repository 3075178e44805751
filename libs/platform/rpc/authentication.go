package rpc

import (
	"context"
	"slices"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// open lists the methods that every caller may call on every server.
var open = []string{"/grpc.health.v1.Health/", "/grpc.reflection."}

// isOpen reports whether a method belongs to health or reflection.
func isOpen(method string) bool { return hasPrefix(method, open) }

func hasPrefix(method string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(method, prefix) })
}

// authentication identifies the caller before any other work.
type authentication struct {
	authenticate func(ctx context.Context, token string) (context.Context, error)
	public       []string
}

func newAuthentication(o ServerOptions) authentication {
	return authentication{authenticate: o.Authenticate, public: slices.Concat(open, o.Public)}
}

// check returns the context of a call with its caller.
func (a authentication) check(ctx context.Context, method string) (context.Context, error) {
	if a.authenticate == nil || hasPrefix(method, a.public) {
		return ctx, nil
	}
	return a.authenticate(ctx, bearer(ctx))
}

func (a authentication) unary(ctx context.Context, request any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	ctx, err := a.check(ctx, info.FullMethod)
	if err != nil {
		return nil, err
	}
	return handler(ctx, request)
}

func (a authentication) stream(service any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	ctx, err := a.check(stream.Context(), info.FullMethod)
	if err != nil {
		return err
	}
	return handler(service, withContext(stream, ctx))
}

// bearer returns the token of the header "authorization: Bearer <token>". Several such headers count as none, because
// the intended one is unknown.
func bearer(ctx context.Context) string {
	headers := metadata.ValueFromIncomingContext(ctx, "authorization")
	if len(headers) != 1 {
		return ""
	}
	scheme, token, _ := strings.Cut(headers[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return token
}
