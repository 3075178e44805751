package queue

import (
	"context"
	"fmt"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// metrics are the metrics of a controller.
type metrics struct {
	service  attribute.KeyValue
	runs     metric.Int64Counter
	duration metric.Float64Histogram
	depth    metric.Registration
}

// newMetrics registers the metrics. length returns the current length of the queue.
func newMetrics(service string, length func() int) (*metrics, error) {
	meter := otel.Meter(instrumentation)
	m := &metrics{service: attribute.String("skep.service", service)}
	var err error
	if m.runs, err = meter.Int64Counter("skep.reconcile.runs", metric.WithUnit("{run}"),
		metric.WithDescription("Runs of keys, by outcome.")); err != nil {
		return nil, fmt.Errorf("create counter of runs: %w", err)
	}
	if m.duration, err = meter.Float64Histogram("skep.reconcile.duration", metric.WithUnit("s"),
		metric.WithDescription("Duration of runs, by outcome.")); err != nil {
		return nil, fmt.Errorf("create histogram of durations: %w", err)
	}
	depth, err := meter.Int64ObservableGauge("skep.reconcile.queue.depth", metric.WithUnit("{key}"),
		metric.WithDescription("Keys that wait for a worker."))
	if err != nil {
		return nil, fmt.Errorf("create gauge of queue: %w", err)
	}
	m.depth, err = meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		o.ObserveInt64(depth, int64(length()), metric.WithAttributes(m.service))
		return nil
	}, depth)
	if err != nil {
		return nil, fmt.Errorf("observe queue: %w", err)
	}
	return m, nil
}

// ran counts a run.
func (m *metrics) ran(ctx context.Context, outcome string, took time.Duration) {
	attributes := metric.WithAttributes(m.service, attribute.String("skep.outcome", outcome))
	m.runs.Add(ctx, 1, attributes)
	m.duration.Record(ctx, took.Seconds(), attributes)
}

// close unregisters the queue length.
func (m *metrics) close() {
	_ = m.depth.Unregister() // Fails only for a registration of another meter.
}
