package rpc

import (
	"context"

	"google.golang.org/grpc/credentials"
)

// Bearer is a token that goes with every call of a client. It does not insist on
// TLS, which has no place within a process or a machine; Dial decides where it may go.
type Bearer string

var _ credentials.PerRPCCredentials = Bearer("")

// GetRequestMetadata returns the header that carries the token.
func (b Bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + string(b)}, nil
}

// RequireTransportSecurity returns false.
func (Bearer) RequireTransportSecurity() bool { return false }

// String hides the token.
func (Bearer) String() string { return "[redacted]" }
