package rest

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// refusal is the body of every error: what happened, what to do, and for a bad
// request every bad field.
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

// refuse writes an error.
func refuse(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, _ *http.Request, err error) {
	f := fault.Of(fault.FromStatus(err))
	if f.Kind == fault.Invalid && f.Remedy == "" {
		// What cannot be read as a request is refused before anybody can say more.
		f = fault.Invalidf("%s", f.Message)
	}
	write(w, f, runtime.HTTPStatusFromCode(f.GRPCStatus().Code()))
}

// astray answers a request that no method is for.
func (a allowance) astray(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, status int) {
	f := fault.Invalidf("%s %s cannot be understood", r.Method, r.URL.EscapedPath())
	switch status {
	case http.StatusNotFound:
		f = fault.NotFoundf("there is no %s", r.URL.EscapedPath())
	case http.StatusMethodNotAllowed:
		f = fault.Invalidf("%s does not take %s", r.URL.EscapedPath(), r.Method)
		w.Header().Set("Allow", a.of(r.URL.Path))
	}
	f.Remedy = "See /docs for what there is."
	write(w, f, status)
}

// write writes a fault as the body of an answer.
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
