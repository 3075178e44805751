package rest

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// refusal is the body of every error response: message, remedy, and for an invalid request
// every bad field.
type refusal struct {
	Error struct {
		Code    string          `json:"code"`
		Message string          `json:"message"`
		Remedy  string          `json:"remedy,omitempty"`
		Fields  []badField      `json:"fields,omitempty"`
		Fault   json.RawMessage `json:"fault,omitempty"`
	} `json:"error"`
}

type badField struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// writeError writes an error of a gRPC call.
func writeError(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, _ *http.Request, err error) {
	f := fault.Of(fault.FromStatus(err))
	if f.Kind == fault.Invalid && f.Remedy == "" {
		// The multiplexer could not parse the request: its error has no remedy yet.
		f = fault.Invalidf("%s", f.Message)
	}
	write(w, f, runtime.HTTPStatusFromCode(f.GRPCStatus().Code()))
}

// unrouted answers a request that no method serves.
func (a allowedMethods) unrouted(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, status int) {
	f := fault.Invalidf("%s %s is malformed", r.Method, r.URL.EscapedPath())
	switch status {
	case http.StatusNotFound:
		f = fault.NotFoundf("%s does not exist", r.URL.EscapedPath())
	case http.StatusMethodNotAllowed:
		f = fault.Invalidf("%s does not support the method %s", r.URL.EscapedPath(), r.Method)
		w.Header().Set("Allow", a.header(r.URL.Path))
	}
	f.Remedy = "See /docs for the paths and their methods."
	write(w, f, status)
}

// write writes a fault as the body of a response.
func write(w http.ResponseWriter, f *fault.Fault, status int) {
	var body refusal
	body.Error.Code = f.GRPCStatus().Code().String()
	body.Error.Message = f.Error()
	body.Error.Remedy = f.Remedy
	for _, field := range f.Fields {
		body.Error.Fields = append(body.Error.Fields, badField{Field: field.Path, Message: field.Message})
	}
	if details, err := protojson.Marshal(f.Proto()); err == nil {
		body.Error.Fault = details
	}
	w.Header().Set("Content-Type", "application/json")
	if f.Kind == fault.Unauthenticated {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
