package rpc

import (
	"context"

	"google.golang.org/grpc/credentials"
)

// Bearer is a token that a client sends with every call. It does not require TLS, which is useless within a process
// or a machine; Dial decides where the token may be sent.
type Bearer string

var _ credentials.PerRPCCredentials = Bearer("")

// GetRequestMetadata implements credentials.PerRPCCredentials. It returns the header with the token.
func (b Bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + string(b)}, nil
}

// RequireTransportSecurity implements credentials.PerRPCCredentials. It returns false.
func (Bearer) RequireTransportSecurity() bool { return false }

// String hides the token.
func (Bearer) String() string { return "[redacted]" }
