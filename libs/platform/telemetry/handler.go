package telemetry

import (
	"context"
	"io"
	"log/slog"
	"strings"

	"go.opentelemetry.io/otel/trace"
)

// redacted stands where a secret would have been.
const redacted = "[redacted]"

// secretive are the words that make an attribute a secret, in a key without its
// separators and in lower case.
var secretive = []string{"token", "password", "secret", "authorization", "privatekey"}

// NewHandler returns a log handler that writes JSON lines if format is "json", and
// text otherwise. It adds trace_id and span_id of the span in the context, and
// writes "[redacted]" for the value of every attribute whose key, or group, speaks
// of a token, password, secret, authorization or private key.
func NewHandler(w io.Writer, format string, level slog.Leveler) slog.Handler {
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: redact}
	if format == "json" {
		return traced{slog.NewJSONHandler(w, options)}
	}
	return traced{slog.NewTextHandler(w, options)}
}

// redact hides the values of secrets.
func redact(groups []string, attr slog.Attr) slog.Attr {
	for _, key := range append([]string{attr.Key}, groups...) {
		key = strings.ToLower(strings.NewReplacer("_", "", "-", "", ".", "").Replace(key))
		for _, word := range secretive {
			if strings.Contains(key, word) {
				return slog.String(attr.Key, redacted)
			}
		}
	}
	return attr
}

// traced adds the ids of the current span to every record.
type traced struct{ slog.Handler }

// Handle adds the ids and passes the record on.
func (t traced) Handle(ctx context.Context, record slog.Record) error {
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		record = record.Clone()
		record.AddAttrs(slog.String("trace_id", span.TraceID().String()), slog.String("span_id", span.SpanID().String()))
	}
	return t.Handler.Handle(ctx, record)
}

// WithAttrs keeps the ids on a logger with attributes.
func (t traced) WithAttrs(attrs []slog.Attr) slog.Handler { return traced{t.Handler.WithAttrs(attrs)} }

// WithGroup keeps the ids on a logger with a group, inside of which they then are.
func (t traced) WithGroup(name string) slog.Handler { return traced{t.Handler.WithGroup(name)} }
