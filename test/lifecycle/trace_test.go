package lifecycle_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"

	"github.com/skep-dev/skep/libs/aws/batch"
	"github.com/skep-dev/skep/test/clustertest"
)

func TestOneTraceLeadsFromTheRequestToEveryCallToAWS(t *testing.T) {
	spans := tracetest.NewSpanRecorder()
	before := otel.GetTracerProvider()
	otel.SetTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans)))
	defer otel.SetTracerProvider(before)
	propagator := otel.GetTextMapPropagator()
	otel.SetTextMapPropagator(propagation.TraceContext{})
	defer otel.SetTextMapPropagator(propagator)

	clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
		ctx, root := otel.Tracer("test").Start(s.Context, "request")
		_, err := s.Clusters.CreateCluster(ctx, &clusterv1.CreateClusterRequest{Parent: clustertest.Organization, ClusterId: clustertest.ClusterID, Cluster: clustertest.Quickstart(t)})
		require.NoError(t, err)
		root.End()
		s.AWS.ResetCalls()
		s.WaitUntil(t, clustertest.IsReady)

		traced := make(map[string]int)
		for _, span := range spans.Ended() {
			if span.SpanContext().TraceID() != root.SpanContext().TraceID() || slices.Contains(span.Attributes(), batch.SharedKey.Bool(true)) {
				continue
			}
			for _, a := range span.Attributes() {
				if a.Key == attribute.Key("rpc.method") {
					traced[a.Value.AsString()]++
				}
			}
		}
		var untraced []string
		for operation, times := range s.AWS.CountCalls() {
			if operation == "AssumeRole" {
				// All requests of an account share its credentials.
				continue
			}
			if traced[operation] != times {
				untraced = append(untraced, fmt.Sprintf("%s: %d of %d", operation, traced[operation], times))
			}
		}
		require.Empty(t, untraced, "calls outside the trace of the request")
	})
}
