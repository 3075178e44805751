package output

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// Fault writes an error as a block of text: the message, one line per invalid field, and
// the remedy.
func Fault(w io.Writer, err error) {
	f := fault.Of(err)
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", Bad.Render("Error:"), summary(f))
	for _, field := range f.Fields {
		fmt.Fprintf(&b, "  %s: %s\n", Strong.Render(field.Path), field.Message)
	}
	if f.AWSCode != "" {
		fmt.Fprintf(&b, "  AWS says %s%s\n", f.AWSCode, request(f))
	}
	if f.Remedy != "" {
		fmt.Fprintf(&b, "→ %s\n", f.Remedy)
	}
	_, _ = io.WriteString(w, b.String())
}

func summary(f *fault.Fault) string {
	if cause := f.Unwrap(); cause != nil && f.Kind == fault.Internal {
		return cause.Error() // An internal error of this command has no message of its own.
	}
	if f.Operation != "" {
		return f.Operation + ": " + f.Message
	}
	return f.Message
}

func request(f *fault.Fault) string {
	if f.RequestID == "" {
		return ""
	}
	return " (request " + f.RequestID + ")"
}

// refusal is an error in JSON, in the form of the REST API.
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

// FaultJSON writes an error as JSON, in the form of the REST API.
func FaultJSON(w io.Writer, err error) {
	f := fault.Of(err)
	var body refusal
	body.Error.Code = f.GRPCStatus().Code().String()
	body.Error.Message = summary(f)
	body.Error.Remedy = f.Remedy
	for _, field := range f.Fields {
		body.Error.Fields = append(body.Error.Fields, badField{Field: field.Path, Message: field.Message})
	}
	if details, err := Compact(f.Proto()); err == nil {
		body.Error.Fault = details
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(body); err == nil {
		_, _ = b.WriteTo(w)
	}
}

// Note writes a remark in a faint style.
func Note(w io.Writer, text string) { _, _ = fmt.Fprintln(w, Quiet.Render(text)) }
