package rpc

import "context"

// Principal is the authenticated caller.
type Principal struct {
	// Name is the name, such as "admin" or "service:compute".
	Name string
	// Roles are the roles that the authorization of the principal depends on.
	Roles []string
}

type principalKey struct{}

// WithCaller returns a context whose caller is p. Authenticators use it.
func WithCaller(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

// Caller returns the principal that made the call of ctx, and whether there is one.
func Caller(ctx context.Context) (Principal, bool) {
	p, known := ctx.Value(principalKey{}).(Principal)
	return p, known
}
