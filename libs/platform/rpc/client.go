package rpc

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
)

// ClientOptions configure how a client connects, and as which caller.
type ClientOptions struct {
	// Token is the bearer token of every call; "" sends none.
	Token string
	// TLS encrypts the connection and, with a certificate, authenticates the caller. Nil means no TLS.
	TLS *tls.Config
	// Plaintext allows the token to go unencrypted to other machines, for networks that encrypt. On this machine it
	// is always allowed.
	Plaintext bool
	// OnWarning receives the warning of the server once, if the server has one. Nil ignores it.
	OnWarning func(notice string)
	// Dialer connects instead of TCP. Nil means TCP.
	Dialer func(ctx context.Context, address string) (net.Conn, error)
}

// Dial returns a client of the server at target, in the syntax of gRPC names. It connects at the first call. Calls
// return the faults of the server unchanged; an idempotent call is retried when the server is unavailable.
func Dial(target string, o ClientOptions) (*grpc.ClientConn, error) {
	options := clientOptions()
	transport := insecure.NewCredentials()
	if o.TLS != nil {
		transport = credentials.NewTLS(o.TLS)
	}
	options = append(options, grpc.WithTransportCredentials(transport))
	if o.Token != "" {
		if o.TLS == nil && o.Dialer == nil && !o.Plaintext && !isLocal(target) {
			return nil, fmt.Errorf("dial %s: a token is not sent to another machine without TLS", target)
		}
		options = append(options, grpc.WithPerRPCCredentials(Bearer(o.Token)))
	}
	if o.OnWarning != nil {
		reader := &warningReader{receive: o.OnWarning}
		options = append(options, grpc.WithChainUnaryInterceptor(reader.unary), grpc.WithChainStreamInterceptor(reader.stream))
	}
	if o.Dialer != nil {
		options = append(options, grpc.WithContextDialer(o.Dialer))
	}
	connection, err := grpc.NewClient(target, options...)
	if err != nil {
		return nil, fmt.Errorf("dial %s: %w", target, err)
	}
	return connection, nil
}

// reconnect bounds the delay until a client finds a restarted server: gRPC's default of two minutes is too long.
var reconnect = grpc.ConnectParams{
	Backoff:           backoff.Config{BaseDelay: 200 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 3 * time.Second},
	MinConnectTimeout: 5 * time.Second,
}

// clientOptions returns the options of every client.
func clientOptions() []grpc.DialOption {
	return []grpc.DialOption{
		grpc.WithStatsHandler(otelgrpc.NewClientHandler()),
		grpc.WithUnaryInterceptor(faultUnary),
		grpc.WithStreamInterceptor(faultStream),
		grpc.WithDefaultServiceConfig(retryConfig()),
		grpc.WithConnectParams(reconnect),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: keepaliveTime, Timeout: 10 * time.Second}),
	}
}

// isLocal reports whether a target is on this machine.
func isLocal(target string) bool {
	if scheme, _, found := strings.Cut(target, ":"); found && (scheme == "unix" || scheme == "unix-abstract") {
		return true
	}
	address := target[strings.LastIndex(target, "/")+1:]
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}
