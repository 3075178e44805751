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

// headerTimeout bounds how long a client may take to send its headers.
const headerTimeout = 10 * time.Second

// listenREST is where FaceREST serves unless SKEP_LISTEN_REST says otherwise.
const listenREST = "127.0.0.1:8080"

// FaceREST serves REST beside gRPC; see process.Face.
func FaceREST(own grpc.ClientConnInterface) func(context.Context) error {
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

// ServeREST serves the REST face of the suite on a listener. It calls the
// gateway's gRPC server through own, which must lead to that server itself and
// send no token of its own: the caller's is passed on.
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
