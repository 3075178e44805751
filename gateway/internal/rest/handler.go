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
	"google.golang.org/protobuf/proto"

	bastionv1 "github.com/skep-dev/skep/proto/gen/go/skep/bastion/v1"
	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	computev1 "github.com/skep-dev/skep/proto/gen/go/skep/compute/v1"
	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"
	ingressv1 "github.com/skep-dev/skep/proto/gen/go/skep/ingress/v1"
	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"

	skep "github.com/skep-dev/skep/proto"
)

// maxBody is the most bytes of a request: no document of a cluster is near it.
const maxBody = 1 << 20

// Handler serves REST by calling the gateway's own gRPC server through conn, so
// that a REST call passes the same interceptors as any other.
func Handler(ctx context.Context, conn grpc.ClientConnInterface) (http.Handler, error) {
	allowed, err := newAllowance()
	if err != nil {
		return nil, err
	}
	mux := runtime.NewServeMux(
		runtime.WithMarshalerOption(runtime.MIMEWildcard, &runtime.HTTPBodyMarshaler{Marshaler: &document{JSONPb: *marshaler()}}),
		runtime.WithMarshalerOption(eventStream, &serverSentEvents{JSONPb: *marshaler()}),
		runtime.WithErrorHandler(refuse),
		runtime.WithRoutingErrorHandler(allowed.astray),
		runtime.WithWriteContentLength(),
	)
	for _, register := range []registration{
		calling(clusterv1.RegisterClusterServiceHandlerClient, clusterv1.NewClusterServiceClient),
		calling(networkv1.RegisterNetworkServiceHandlerClient, networkv1.NewNetworkServiceClient),
		calling(identityv1.RegisterOrganizationServiceHandlerClient, identityv1.NewOrganizationServiceClient),
		calling(identityv1.RegisterAccountServiceHandlerClient, identityv1.NewAccountServiceClient),
		calling(identityv1.RegisterClusterIdentityServiceHandlerClient, identityv1.NewClusterIdentityServiceClient),
		calling(identityv1.RegisterBudgetServiceHandlerClient, identityv1.NewBudgetServiceClient),
		calling(ingressv1.RegisterApiEndpointServiceHandlerClient, ingressv1.NewApiEndpointServiceClient),
		calling(ingressv1.RegisterIngressServiceHandlerClient, ingressv1.NewIngressServiceClient),
		calling(computev1.RegisterControlPlaneServiceHandlerClient, computev1.NewControlPlaneServiceClient),
		calling(computev1.RegisterNodePoolServiceHandlerClient, computev1.NewNodePoolServiceClient),
		calling(bastionv1.RegisterBastionServiceHandlerClient, bastionv1.NewBastionServiceClient),
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

// registration adds the methods of a service, which it calls through conn.
type registration func(ctx context.Context, mux *runtime.ServeMux, conn grpc.ClientConnInterface) error

func calling[C any](register func(context.Context, *runtime.ServeMux, C) error, client func(grpc.ClientConnInterface) C) registration {
	return func(ctx context.Context, mux *runtime.ServeMux, conn grpc.ClientConnInterface) error {
		return register(ctx, mux, client(conn))
	}
}

// marshaler writes JSON in camelCase and leaves out what is not set. A field that
// it does not know is refused, since a misspelt wish must not be ignored.
func marshaler() *runtime.JSONPb {
	return &runtime.JSONPb{
		MarshalOptions:   protojson.MarshalOptions{EmitUnpopulated: false},
		UnmarshalOptions: protojson.UnmarshalOptions{DiscardUnknown: false},
	}
}

// document writes a message as one JSON document, without JSONPb's copy of it.
type document struct{ runtime.JSONPb }

// Marshal implements runtime.Marshaler.
func (d *document) Marshal(v any) ([]byte, error) {
	if message, ok := v.(proto.Message); ok {
		return d.MarshalOptions.Marshal(message)
	}
	return d.JSONPb.Marshal(v)
}

func describe(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(skep.OpenAPI)
}
