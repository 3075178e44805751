package rest

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/skep-dev/skep/libs/fault"
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
	status := f.GRPCStatus()
	var body refusal
	body.Error.Code = status.Code().String()
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
	w.WriteHeader(runtime.HTTPStatusFromCode(status.Code()))
	_ = json.NewEncoder(w).Encode(body)
}
