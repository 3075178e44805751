// Package telemetry starts the traces, metrics and log of a process; trace ids connect them. It sets the global
// providers of OpenTelemetry and slog, so only mains and the composition of a process call Start; every other package
// uses otel and slog.
package telemetry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.37.0"
)

// Config configures Start.
type Config struct {
	// Service is the name of the process, such as "network".
	Service string
	// Version is the version of the process.
	Version string
	// Endpoint receives traces and metrics by OTLP over gRPC. It is a URL such as http://127.0.0.1:4317; https is
	// encrypted, http is not. If it is empty, nothing is recorded or sent, but trace ids are still propagated and
	// logged.
	Endpoint string
	// SampleRatio is the share of traces to record, from 0 to 1. A trace that the caller records is always recorded.
	SampleRatio float64
	// LogLevel is the lowest level that is logged.
	LogLevel slog.Level
	// LogFormat is "json" for JSON lines; any other value means text.
	LogFormat string
	// Output receives the log. Nil means standard error.
	Output io.Writer
	// SpanExporter receives the spans instead of Endpoint. Nil means Endpoint.
	SpanExporter trace.SpanExporter
}

// Start sets up traces, metrics and the log. The returned shutdown sends the remaining data until its context ends;
// call it after everything else has stopped.
func Start(ctx context.Context, c Config) (shutdown func(context.Context) error, err error) {
	processResource := resource.NewSchemaless(semconv.ServiceName(c.Service), semconv.ServiceVersion(c.Version))
	traces, err := tracerProvider(ctx, c, processResource)
	if err != nil {
		return nil, err
	}
	metrics, err := meterProvider(ctx, c, processResource)
	if err != nil {
		return nil, errors.Join(err, traces.Shutdown(ctx))
	}
	output := c.Output
	if output == nil {
		output = os.Stderr
	}
	otel.SetTracerProvider(traces)
	otel.SetMeterProvider(metrics)
	otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{}))
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { slog.Warn("telemetry is incomplete", "error", err) }))
	slog.SetDefault(slog.New(NewHandler(output, c.LogFormat, c.LogLevel)).With("service", c.Service))

	return func(ctx context.Context) error {
		if err := errors.Join(traces.Shutdown(ctx), metrics.Shutdown(ctx)); err != nil {
			return fmt.Errorf("send the last telemetry: %w", err)
		}
		return nil
	}, nil
}

func tracerProvider(ctx context.Context, c Config, processResource *resource.Resource) (*trace.TracerProvider, error) {
	exporter := c.SpanExporter
	if exporter == nil && c.Endpoint != "" {
		otlp, err := otlptracegrpc.New(ctx, otlptracegrpc.WithEndpointURL(c.Endpoint))
		if err != nil {
			return nil, fmt.Errorf("open trace exporter: %w", err)
		}
		exporter = otlp
	}
	if exporter == nil {
		return trace.NewTracerProvider(trace.WithResource(processResource), trace.WithSampler(trace.NeverSample())), nil
	}
	return trace.NewTracerProvider(
		trace.WithResource(processResource),
		trace.WithSampler(trace.ParentBased(trace.TraceIDRatioBased(c.SampleRatio))),
		trace.WithBatcher(exporter),
	), nil
}

func meterProvider(ctx context.Context, c Config, processResource *resource.Resource) (*metric.MeterProvider, error) {
	if c.Endpoint == "" {
		return metric.NewMeterProvider(metric.WithResource(processResource)), nil
	}
	otlp, err := otlpmetricgrpc.New(ctx, otlpmetricgrpc.WithEndpointURL(c.Endpoint))
	if err != nil {
		return nil, fmt.Errorf("open metric exporter: %w", err)
	}
	return metric.NewMeterProvider(metric.WithResource(processResource), metric.WithReader(metric.NewPeriodicReader(otlp))), nil
}
