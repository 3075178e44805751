package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"google.golang.org/grpc"

	"github.com/skep-dev/skep/gateway/internal/rest"
)

// headerTimeout is the time that a client has to send its headers.
const headerTimeout = 10 * time.Second

// listenREST is the address of ListenAndServeREST without SKEP_LISTEN_REST.
const listenREST = "127.0.0.1:8080"

// ListenAndServeREST serves REST at SKEP_LISTEN_REST, beside gRPC; see process.Face.
func ListenAndServeREST(own grpc.ClientConnInterface) func(context.Context) error {
	return func(ctx context.Context) error {
		address := os.Getenv("SKEP_LISTEN_REST")
		if address == "" {
			address = listenREST
		}
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
		if err != nil {
			return fmt.Errorf("listen on %s: %w", address, err)
		}
		return ServeREST(listener, own)(ctx)
	}
}

// ServeREST serves REST on a listener until its context ends. It calls the gRPC server of
// the gateway through own. The connection must lead to that server in this process and must
// send no token: each call carries the token of its caller.
func ServeREST(listener net.Listener, own grpc.ClientConnInterface) func(context.Context) error {
	return func(ctx context.Context) error {
		handler, err := rest.Handler(ctx, own)
		if err != nil {
			return err
		}
		slog.InfoContext(ctx, "serving rest", "address", listener.Addr().String())
		server := &http.Server{Handler: handler, ReadHeaderTimeout: headerTimeout, BaseContext: func(net.Listener) context.Context { return ctx }}
		defer context.AfterFunc(ctx, func() { _ = server.Close() })()
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve REST: %w", err)
		}
		return nil
	}
}
