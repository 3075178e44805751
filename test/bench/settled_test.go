package bench_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// metricReader installs and returns a reader of the metrics of the suite. Call it before the
// suite starts.
func metricReader() *sdkmetric.ManualReader {
	reader := sdkmetric.NewManualReader()
	otel.SetMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)))
	return reader
}

// recordsPerCluster is the number of records of a quickstart cluster: the cluster and its
// components.
const recordsPerCluster = 8

// settled returns when there were as many reconciliations as records of n clusters, and no
// key waits for a worker.
func settled(t *testing.T, reader *sdkmetric.ManualReader, n int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		runs, depth := progress(t, reader)
		if depth == 0 && runs >= int64(n*recordsPerCluster) {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			require.Fail(t, "the suite did not settle", "%d reconciliations, %d keys wait", runs, depth)
		}
	}
}

// progress returns the number of reconciliations since the start and the number of waiting keys.
func progress(t *testing.T, reader *sdkmetric.ManualReader) (runs, depth int64) {
	t.Helper()
	var all metricdata.ResourceMetrics
	require.NoError(t, reader.Collect(t.Context(), &all))
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			switch data := m.Data.(type) {
			case metricdata.Sum[int64]:
				if m.Name == "skep.reconcile.runs" {
					runs += sum(data.DataPoints)
				}
			case metricdata.Gauge[int64]:
				if m.Name == "skep.reconcile.queue.depth" {
					depth += sum(data.DataPoints)
				}
			}
		}
	}
	return runs, depth
}

func sum(points []metricdata.DataPoint[int64]) int64 {
	var total int64
	for _, point := range points {
		total += point.Value
	}
	return total
}
