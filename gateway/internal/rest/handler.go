// Package rest is the REST face of the suite: every public method of every
// service at /v1, watches as newline-delimited JSON or as server-sent events, the
// OpenAPI description at /openapi.json, and a page to try it at /docs.
package rest

import (
	"context"
	"fmt"
	"net/http"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/swaggest/swgui/v5emb"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protojson"

	skep "github.com/skep-dev/skep/proto"
	bastionv1 "github.com/skep-dev/skep/proto/gen/go/skep/bastion/v1"
	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	computev1 "github.com/skep-dev/skep/proto/gen/go/skep/compute/v1"
	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"
	ingressv1 "github.com/skep-dev/skep/proto/gen/go/skep/ingress/v1"
	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"
)

// maxBody is the most bytes of a request: no document of a cluster is near it.
const maxBody = 1 << 20

// Handler serves REST by calling the gateway's own gRPC server through conn, so
// that a REST call passes the same interceptors as any other.
func Handler(ctx context.Context, conn *grpc.ClientConn) (http.Handler, error) {
	allowed, err := newAllowance()
	if err != nil {
		return nil, err
	}
	mux := runtime.NewServeMux(
		runtime.WithMarshalerOption(runtime.MIMEWildcard, &runtime.HTTPBodyMarshaler{Marshaler: marshaler()}),
		runtime.WithMarshalerOption(eventStream, &serverSentEvents{JSONPb: *marshaler()}),
		runtime.WithErrorHandler(refuse),
		runtime.WithRoutingErrorHandler(allowed.astray),
	)
	for _, register := range []func(context.Context, *runtime.ServeMux, *grpc.ClientConn) error{
		clusterv1.RegisterClusterServiceHandler,
		networkv1.RegisterNetworkServiceHandler,
		identityv1.RegisterOrganizationServiceHandler,
		identityv1.RegisterAccountServiceHandler,
		identityv1.RegisterClusterIdentityServiceHandler,
		identityv1.RegisterBudgetServiceHandler,
		ingressv1.RegisterApiEndpointServiceHandler,
		ingressv1.RegisterIngressServiceHandler,
		computev1.RegisterControlPlaneServiceHandler,
		computev1.RegisterNodePoolServiceHandler,
		bastionv1.RegisterBastionServiceHandler,
	} {
		if err := register(ctx, mux, conn); err != nil {
			return nil, fmt.Errorf("register REST: %w", err)
		}
	}
	outer := http.NewServeMux()
	outer.Handle("/v1/", readable(http.MaxBytesHandler(mux, maxBody)))
	outer.HandleFunc("GET /openapi.json", describe)
	outer.Handle("GET /docs/", v5emb.New("Skep", "/openapi.json", "/docs/"))
	outer.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprintln(w, "ok") })
	outer.Handle("GET /{$}", http.RedirectHandler("/docs/", http.StatusFound))
	// The trace of a request begins here, or with the caller's own traceparent.
	return otelhttp.NewHandler(outer, "rest"), nil
}

// marshaler writes JSON in camelCase and leaves out what is not set. A field that
// it does not know is refused, since a misspelt wish must not be ignored.
func marshaler() *runtime.JSONPb {
	return &runtime.JSONPb{
		MarshalOptions:   protojson.MarshalOptions{EmitUnpopulated: false},
		UnmarshalOptions: protojson.UnmarshalOptions{DiscardUnknown: false},
	}
}

func describe(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(skep.OpenAPI)
}
