// Package rpc is the gRPC server and the gRPC client of every process of the
// suite. A fault that a service returns reaches its caller as the same fault, a
// bad request is answered with every bad field at once, and whoever calls is known
// before a service is asked.
//
// Everything that serves or calls an API imports this package. Besides libs/platform/fault
// it alone knows the codes of gRPC.
package rpc

import (
	"context"
	"crypto/tls"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc/filters"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/reflection"
)

const (
	// maxMessageSize is the most bytes of a request, 4 MiB, which is also what gRPC
	// clients take as the most of a response.
	maxMessageSize = 4 << 20
	// callTimeout is how long a unary call may take if the caller sets no deadline.
	callTimeout = 30 * time.Second
	// stopTimeout is how long calls under way may take after a server was told to stop.
	stopTimeout = 10 * time.Second
	// keepaliveTime is how long a connection is silent before a client checks it.
	// Servers allow it three times as often.
	keepaliveTime = 30 * time.Second
)

// ServerOptions say whom a server lets in.
type ServerOptions struct {
	// Authenticate returns a context that carries the Principal whose token it is,
	// or a fault. It is asked with an empty token if there is none. If nil, everybody
	// is let in and nobody is known.
	Authenticate func(ctx context.Context, token string) (context.Context, error)
	// Public are prefixes of full method names, such as "/skep.cluster.v1.", that are
	// open to all besides health and reflection.
	Public []string
	// TLS encrypts, and with client certificates demands them, if it is set.
	TLS *tls.Config
	// Warning is what everybody who calls is to know, or ""; nil says nothing.
	Warning func() string
	// UnaryInterceptors run last, after authentication and validation.
	UnaryInterceptors []grpc.UnaryServerInterceptor
	// StreamInterceptors run last, after authentication.
	StreamInterceptors []grpc.StreamServerInterceptor
}

// Server is a gRPC server with health and reflection. Register services on it,
// then serve; both together with any number of listeners.
type Server struct {
	grpc      *grpc.Server
	inprocess *inprocess
	health    *health.Server
	// stopping is done as soon as the server is told to stop.
	stopping context.Context
	stop     context.CancelFunc
}

var _ grpc.ServiceRegistrar = (*Server)(nil)

// NewServer returns a server without services. Its interceptors are, from the
// outside in: recovery, log, faults, authentication, validation, deadline.
func NewServer(o ServerOptions) *Server {
	s := &Server{health: health.NewServer()}
	s.stopping, s.stop = context.WithCancel(context.Background())
	authenticated := newAuthentication(o)
	spans := otelgrpc.NewServerHandler(otelgrpc.WithFilter(filters.Not(filters.HealthCheck())))
	unary := append([]grpc.UnaryServerInterceptor{
		recoveredUnary(), loggedUnary, faultyUnary, authenticated.unary, warning{o.Warning}.unary, validatedUnary, boundedUnary,
	}, o.UnaryInterceptors...)
	stream := append([]grpc.StreamServerInterceptor{
		recoveredStream(), loggedStream, faultyStream, s.endedStream, authenticated.stream, warning{o.Warning}.stream, validatedStream,
	}, o.StreamInterceptors...)
	s.inprocess = newInprocess(s.health, spans, unary, stream)
	options := []grpc.ServerOption{
		grpc.StatsHandler(spans),
		grpc.ChainUnaryInterceptor(unary...),
		grpc.ChainStreamInterceptor(stream...),
		grpc.MaxRecvMsgSize(maxMessageSize),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: keepaliveTime / 3, PermitWithoutStream: true}),
	}
	if o.TLS != nil {
		options = append(options, grpc.Creds(credentials.NewTLS(o.TLS)))
	}
	s.grpc = grpc.NewServer(options...)
	grpc_health_v1.RegisterHealthServer(s.grpc, s.health)
	reflection.Register(s.grpc)
	return s
}

// RegisterService adds a service and reports it as serving. It must be called
// before the server serves.
func (s *Server) RegisterService(description *grpc.ServiceDesc, implementation any) {
	s.grpc.RegisterService(description, implementation)
	s.inprocess.channel.RegisterService(description, implementation)
	s.SetServing(description.ServiceName, true)
}

// SetServing sets what health says of a service; the empty name is the process.
func (s *Server) SetServing(service string, serving bool) {
	status := grpc_health_v1.HealthCheckResponse_NOT_SERVING
	if serving {
		status = grpc_health_v1.HealthCheckResponse_SERVING
	}
	s.health.SetServingStatus(service, status)
}
