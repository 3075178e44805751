package gateway

import (
	"context"
	"net/http"

	"google.golang.org/grpc"

	"github.com/skep-dev/skep/gateway/internal/rest"
)

// REST is the REST face of the suite. It calls the gateway's gRPC server through
// conn, which must lead to the server itself and send no token of its own.
func REST(ctx context.Context, conn *grpc.ClientConn) (http.Handler, error) {
	return rest.Handler(ctx, conn)
}
