package rest_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// The test is not parallel, because the OpenTelemetry providers are global.
func TestTheTraceOfARequestReachesTheService(t *testing.T) {
	provider, propagator := otel.GetTracerProvider(), otel.GetTextMapPropagator()
	otel.SetTracerProvider(sdktrace.NewTracerProvider())
	otel.SetTextMapPropagator(propagation.TraceContext{})
	t.Cleanup(func() {
		otel.SetTracerProvider(provider)
		otel.SetTextMapPropagator(propagator)
	})
	inBubble(t, func(t *testing.T, c *clusters, call func(string, string, string, ...string) *httptest.ResponseRecorder) {
		answer := call(http.MethodGet, orchid, "", "Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
		require.Equal(t, http.StatusOK, answer.Code, answer.Body.String())
		require.Equal(t, "0af7651916cd43dd8448eb211c80319c", c.span.TraceID().String())
	})
}
