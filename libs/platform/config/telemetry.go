package config

import "log/slog"

// Telemetry says what a process tells about itself, and whom.
type Telemetry struct {
	Endpoint    string     `env:"ENDPOINT" desc:"The OTLP gRPC endpoint for traces and metrics, such as http://127.0.0.1:4317; none if not given."`
	SampleRatio float64    `env:"SAMPLE_RATIO" envDefault:"1" desc:"The share of traces to keep, from 0 to 1."`
	LogLevel    slog.Level `env:"LOG_LEVEL" envDefault:"info" options:"debug,info,warn,error" desc:"The least that is logged."`
	LogFormat   string     `env:"LOG_FORMAT" envDefault:"text" options:"text,json" desc:"The form of the log."`
}
