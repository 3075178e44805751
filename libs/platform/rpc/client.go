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

// ClientOptions say how a client reaches a server, and as whom.
type ClientOptions struct {
	// Token is sent as a bearer token with every call, if it is set.
	Token string
	// TLS encrypts the connection, and with a certificate proves who calls, if it is set.
	TLS *tls.Config
	// Plaintext lets the token go unencrypted to other machines, where the network
	// itself encrypts. To this machine it may go always.
	Plaintext bool
	// OnWarning is told once what the server wants to be known, if it wants anything.
	OnWarning func(notice string)
	// Dialer connects instead of TCP, if it is set.
	Dialer func(ctx context.Context, address string) (net.Conn, error)
}

// Dial returns a client of the server at target, in the syntax of gRPC names. It
// connects at the first call. Calls return faults as the server made them; a call
// that declares itself idempotent is sent again when the server is unavailable.
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
		n := &warningReader{tell: o.OnWarning}
		options = append(options, grpc.WithChainUnaryInterceptor(n.unary), grpc.WithChainStreamInterceptor(n.stream))
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

// reconnect is how long it takes at the most until a server that is back is found:
// a peer that was restarted must not be missed for the two minutes of gRPC's default.
var reconnect = grpc.ConnectParams{
	Backoff:           backoff.Config{BaseDelay: 200 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 3 * time.Second},
	MinConnectTimeout: 5 * time.Second,
}

// clientOptions are those of every client.
func clientOptions() []grpc.DialOption {
	return []grpc.DialOption{
		grpc.WithStatsHandler(otelgrpc.NewClientHandler()),
		grpc.WithUnaryInterceptor(restoredUnary),
		grpc.WithStreamInterceptor(restoredStream),
		grpc.WithDefaultServiceConfig(retryConfig()),
		grpc.WithConnectParams(reconnect),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: keepaliveTime, Timeout: 10 * time.Second}),
	}
}

// isLocal says whether a target is on this machine.
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
