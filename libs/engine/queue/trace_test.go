package queue_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"

	"github.com/skep-dev/skep/libs/platform/bus"
)

func TestARunContinuesTheTraceOfItsRecordAndIsCounted(t *testing.T) {
	spans := tracetest.NewSpanRecorder()
	traces := otel.GetTracerProvider()
	otel.SetTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans)))
	defer otel.SetTracerProvider(traces)
	reader := sdkmetric.NewManualReader()
	meters := otel.GetMeterProvider()
	otel.SetMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)))
	defer otel.SetMeterProvider(meters)

	inVirtualTime(t, func(t *testing.T, s *bus.Server) {
		r := start(t, s, "network", "a", newJournal().recording("a", 0))
		require.NoError(t, r.bucket.Synced(t.Context()))
		synctest.Wait()
		ctx, writer := otel.Tracer("test").Start(t.Context(), "write")
		_, err := r.bucket.Put(ctx, "networks/acme/n1", &recordv1.Record{}, 0)
		require.NoError(t, err)
		synctest.Wait()

		ended := spans.Ended()
		require.Len(t, ended, 1)
		require.Equal(t, "reconcile", ended[0].Name())
		require.Equal(t, writer.SpanContext().SpanID(), ended[0].Parent().SpanID())
		require.Equal(t, writer.SpanContext().TraceID(), ended[0].SpanContext().TraceID())

		var metrics metricdata.ResourceMetrics
		require.NoError(t, reader.Collect(t.Context(), &metrics))
		require.Len(t, metrics.ScopeMetrics, 1)
		found := map[string]metricdata.Aggregation{}
		for _, m := range metrics.ScopeMetrics[0].Metrics {
			found[m.Name] = m.Data
		}
		require.Len(t, found, 3)
		require.Equal(t, int64(1), found["skep.reconcile.runs"].(metricdata.Sum[int64]).DataPoints[0].Value)
		require.Equal(t, int64(0), found["skep.reconcile.queue.depth"].(metricdata.Gauge[int64]).DataPoints[0].Value)
		require.Equal(t, uint64(1), found["skep.reconcile.duration"].(metricdata.Histogram[float64]).DataPoints[0].Count)
	})
}
