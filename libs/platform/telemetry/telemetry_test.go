package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/skep-dev/skep/libs/platform/telemetry"
)

// Start changes global state of the process, so its tests do not run in parallel.

func TestASpanIsSentAndItsIDsAreLogged(t *testing.T) {
	spans := &retainingExporter{InMemoryExporter: tracetest.NewInMemoryExporter()}
	var log bytes.Buffer
	shutdown, err := telemetry.Start(t.Context(), telemetry.Config{
		Service: "network", Version: "v1", SampleRatio: 1, LogFormat: "json", Output: &log, SpanExporter: spans})
	require.NoError(t, err)

	ctx, span := otel.Tracer("test").Start(t.Context(), "create vpc")
	slog.InfoContext(ctx, "created")
	span.End()
	require.NoError(t, shutdown(t.Context()))

	sent := spans.GetSpans()
	require.Len(t, sent, 1)
	require.Equal(t, "create vpc", sent[0].Name)
	require.Contains(t, sent[0].Resource.String(), "service.name=network")
	var line map[string]any
	require.NoError(t, json.Unmarshal(log.Bytes(), &line))
	require.Equal(t, "network", line["service"])
	require.Equal(t, sent[0].SpanContext.TraceID().String(), line["trace_id"])
	require.Equal(t, sent[0].SpanContext.SpanID().String(), line["span_id"])
}

func TestATraceIsPropagatedInTheW3CHeader(t *testing.T) {
	shutdown, err := telemetry.Start(t.Context(), telemetry.Config{Service: "network", SpanExporter: tracetest.NewInMemoryExporter(), SampleRatio: 1})
	require.NoError(t, err)
	ctx, span := otel.Tracer("test").Start(t.Context(), "call")
	header := propagation.MapCarrier{}
	otel.GetTextMapPropagator().Inject(ctx, header)
	span.End()
	require.Contains(t, header["traceparent"], span.SpanContext().TraceID().String())
	require.NoError(t, shutdown(t.Context()))
}

func TestWithoutAnEndpointTracesHaveIDsOnly(t *testing.T) {
	shutdown, err := telemetry.Start(t.Context(), telemetry.Config{Service: "network", SampleRatio: 1})
	require.NoError(t, err)
	_, span := otel.Tracer("test").Start(t.Context(), "create vpc")
	require.False(t, span.IsRecording())
	require.True(t, span.SpanContext().IsValid())
	require.NoError(t, shutdown(t.Context()))
}

func TestATraceThatTheCallerRecordsIsRecorded(t *testing.T) {
	shutdown, err := telemetry.Start(t.Context(), telemetry.Config{Service: "network", SampleRatio: 0, SpanExporter: tracetest.NewInMemoryExporter()})
	require.NoError(t, err)
	_, span := otel.Tracer("test").Start(t.Context(), "own")
	require.False(t, span.SpanContext().IsSampled())
	caller := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}, TraceFlags: trace.FlagsSampled, Remote: true})
	_, span = otel.Tracer("test").Start(trace.ContextWithRemoteSpanContext(t.Context(), caller), "called")
	require.True(t, span.SpanContext().IsSampled())
	require.NoError(t, shutdown(t.Context()))
}

func TestSecretsAreRedacted(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"text", "json"} {
		for _, key := range []string{"token", "session_token", "Password", "client-secret", "Authorization", "private_key", "privateKey"} {
			var log bytes.Buffer
			logger := slog.New(telemetry.NewHandler(&log, format, slog.LevelInfo))
			logger.Info("a", key, "hunter2")
			logger.With(key, "hunter2").Info("b")
			logger.WithGroup("request").Info("c", slog.Group("headers", key, "hunter2"))
			logger.WithGroup(key).Info("d", "value", "hunter2")
			require.NotContains(t, log.String(), "hunter2", "%s as %s", key, format)
			require.Equal(t, 4, bytes.Count(log.Bytes(), []byte("[redacted]")), "%s as %s", key, format)
		}
	}
}

func TestTheLogContainsOnlyItsLevelAndHigher(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	logger := slog.New(telemetry.NewHandler(&log, "text", slog.LevelWarn))
	logger.Info("quiet")
	logger.Warn("loud", "vpc", "vpc-1")
	require.NotContains(t, log.String(), "quiet")
	require.Contains(t, log.String(), "msg=loud vpc=vpc-1")
}

// retainingExporter is an exporter that retains its spans after shutdown.
type retainingExporter struct{ *tracetest.InMemoryExporter }

func (retainingExporter) Shutdown(context.Context) error { return nil }
