// Package rpc is the gRPC server and the gRPC client of every process of the suite. The fault that a service returns
// reaches the caller unchanged, the answer to an invalid request names every invalid field, and the caller is
// authenticated before a service runs.
//
// Everything that serves or calls an API imports this package. Only this package and libs/platform/fault know gRPC
// codes.
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
	// maxMessageSize is the limit of a request, 4 MiB, which is also the limit of a response in gRPC clients.
	maxMessageSize = 4 << 20
	// callTimeout bounds a unary call whose caller sets no deadline.
	callTimeout = 30 * time.Second
	// stopTimeout bounds calls in progress after the server starts to stop.
	stopTimeout = 10 * time.Second
	// keepaliveTime is the idle time after which a client checks a connection. Servers allow checks three times as
	// often.
	keepaliveTime = 30 * time.Second
)

// ServerOptions configure a Server.
type ServerOptions struct {
	// Authenticate returns a context with the Principal of the token, or a fault. The token is "" if the call has
	// none. If Authenticate is nil, every call is allowed and has no Principal.
	Authenticate func(ctx context.Context, token string) (context.Context, error)
	// Public are prefixes of full method names, such as "/skep.cluster.v1.", that need no authentication, besides
	// health and reflection.
	Public []string
	// TLS encrypts connections; its ClientAuth decides whether client certificates are required. Nil means no TLS.
	TLS *tls.Config
	// Warning returns a warning for every caller, or "". Nil gives none.
	Warning func() string
	// UnaryInterceptors run last, after authentication and validation.
	UnaryInterceptors []grpc.UnaryServerInterceptor
	// StreamInterceptors run last, after authentication.
	StreamInterceptors []grpc.StreamServerInterceptor
}

// Server is a gRPC server with health and reflection. Register services on it, then serve any number of listeners.
type Server struct {
	grpc      *grpc.Server
	inprocess *inprocess
	health    *health.Server
	// stopping ends when the server starts to stop.
	stopping context.Context
	stop     context.CancelFunc
}

var _ grpc.ServiceRegistrar = (*Server)(nil)

// NewServer returns a server without services. Its interceptors are, from the outside in: recovery, log, faults,
// authentication, warning, validation, deadline.
func NewServer(o ServerOptions) *Server {
	s := &Server{health: health.NewServer()}
	s.stopping, s.stop = context.WithCancel(context.Background())
	authenticated := newAuthentication(o)
	spans := otelgrpc.NewServerHandler(otelgrpc.WithFilter(filters.Not(filters.HealthCheck())))
	unary := append([]grpc.UnaryServerInterceptor{
		recoveredUnary(), loggedUnary, faultsUnary, authenticated.unary, warning{o.Warning}.unary, validatedUnary, deadlineUnary,
	}, o.UnaryInterceptors...)
	stream := append([]grpc.StreamServerInterceptor{
		recoveredStream(), loggedStream, faultsStream, s.stoppableStream, authenticated.stream, warning{o.Warning}.stream, validatedStream,
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

// SetServing sets the health of a service; the empty name is the process.
func (s *Server) SetServing(service string, serving bool) {
	status := grpc_health_v1.HealthCheckResponse_NOT_SERVING
	if serving {
		status = grpc_health_v1.HealthCheckResponse_SERVING
	}
	s.health.SetServingStatus(service, status)
}
