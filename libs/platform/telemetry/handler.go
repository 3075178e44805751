package telemetry

import (
	"context"
	"io"
	"log/slog"
	"strings"

	"go.opentelemetry.io/otel/trace"
)

// redacted replaces a secret.
const redacted = "[redacted]"

// secretWords are the words that mark an attribute as secret, in a lower-case key without separators.
var secretWords = []string{"token", "password", "secret", "authorization", "privatekey"}

// NewHandler returns a log handler that writes JSON lines if format is "json", and text otherwise. It adds trace_id
// and span_id of the span in the context. It writes "[redacted]" as the value of every attribute whose key or group
// contains token, password, secret, authorization or private key.
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
		for _, word := range secretWords {
			if strings.Contains(key, word) {
				return slog.String(attr.Key, redacted)
			}
		}
	}
	return attr
}

// traced adds the ids of the current span to every record.
type traced struct{ slog.Handler }

// Handle implements slog.Handler. It adds the ids.
func (t traced) Handle(ctx context.Context, record slog.Record) error {
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		record = record.Clone()
		record.AddAttrs(slog.String("trace_id", span.TraceID().String()), slog.String("span_id", span.SpanID().String()))
	}
	return t.Handler.Handle(ctx, record)
}

// WithAttrs implements slog.Handler.
func (t traced) WithAttrs(attrs []slog.Attr) slog.Handler { return traced{t.Handler.WithAttrs(attrs)} }

// WithGroup implements slog.Handler. The ids are then inside the group.
func (t traced) WithGroup(name string) slog.Handler { return traced{t.Handler.WithGroup(name)} }
