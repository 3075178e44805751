package rpc

import "context"

// Principal is who calls.
type Principal struct {
	// Name says who it is, such as "admin" or "service:compute".
	Name string
	// Roles are what the principal may be allowed for.
	Roles []string
}

type principalKey struct{}

// WithCaller returns a context whose caller is the principal. Authenticators use it.
func WithCaller(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

// Caller returns who made the call that the context belongs to, and whether that
// is known.
func Caller(ctx context.Context) (Principal, bool) {
	p, known := ctx.Value(principalKey{}).(Principal)
	return p, known
}
