package store

import (
	"context"

	"github.com/nats-io/nats.go"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// tracing carries the span of a writer to the readers of the record, as W3C trace
// context.
var tracing = propagation.TraceContext{}

// injectTrace writes the span of the context to the headers.
func injectTrace(ctx context.Context, h nats.Header) { tracing.Inject(ctx, traceHeaders(h)) }

// extractTrace reads the span from the headers.
func extractTrace(h nats.Header) trace.SpanContext {
	return trace.SpanContextFromContext(tracing.Extract(context.Background(), traceHeaders(h)))
}

// traceHeaders implements [propagation.TextMapCarrier] for NATS headers, which keep their
// case.
type traceHeaders nats.Header

func (h traceHeaders) Get(key string) string { return nats.Header(h).Get(key) }
func (h traceHeaders) Set(key, value string) { nats.Header(h).Set(key, value) }
func (h traceHeaders) Keys() []string {
	keys := make([]string, 0, len(h))
	for k := range h {
		keys = append(keys, k)
	}
	return keys
}
