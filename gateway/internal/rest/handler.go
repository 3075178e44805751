// Package rest serves the API of the suite over REST: every public method of every service
// at /v1, watches as newline-delimited JSON or as server-sent events, the OpenAPI
// description at /openapi.json, and an interactive page for it at /docs.
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

	skep "github.com/skep-dev/skep/proto"
	"github.com/skep-dev/skep/proto/gen/go/routes"
)

// maxBody is the maximum size of a request in bytes. The document of a cluster is far
// smaller.
const maxBody = 1 << 20

// Handler returns the handler for REST. It calls the gRPC server of the gateway through
// conn, so that a REST call passes the same interceptors as a gRPC call.
func Handler(ctx context.Context, conn grpc.ClientConnInterface) (http.Handler, error) {
	allowed, err := newAllowedMethods()
	if err != nil {
		return nil, err
	}
	mux := runtime.NewServeMux(
		runtime.WithMarshalerOption(runtime.MIMEWildcard, &runtime.HTTPBodyMarshaler{Marshaler: &document{JSONPb: *marshaler()}}),
		runtime.WithMarshalerOption(eventStream, &serverSentEvents{JSONPb: *marshaler()}),
		runtime.WithErrorHandler(writeError),
		runtime.WithRoutingErrorHandler(allowed.unrouted),
		runtime.WithWriteContentLength(),
	)
	if err := routes.Register(ctx, mux, conn); err != nil {
		return nil, fmt.Errorf("register REST: %w", err)
	}
	outer := http.NewServeMux()
	outer.Handle("/v1/", requireUTF8(http.MaxBytesHandler(mux, maxBody)))
	outer.HandleFunc("GET /openapi.json", describe)
	outer.Handle("GET /docs/", v5emb.New("Skep", "/openapi.json", "/docs/"))
	outer.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprintln(w, "ok") })
	outer.Handle("GET /{$}", http.RedirectHandler("/docs/", http.StatusFound))
	// The trace of a request starts here, unless the caller sends a traceparent.
	return otelhttp.NewHandler(outer, "rest"), nil
}

// marshaler writes JSON in camelCase without unset fields. It refuses unknown fields, so
// that a misspelled field is never ignored.
func marshaler() *runtime.JSONPb {
	return &runtime.JSONPb{
		MarshalOptions:   protojson.MarshalOptions{EmitUnpopulated: false},
		UnmarshalOptions: protojson.UnmarshalOptions{DiscardUnknown: false},
	}
}

// document marshals a message to one JSON document, without the copy that JSONPb makes.
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
