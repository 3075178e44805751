package config

import "log/slog"

// Telemetry are the settings of traces, metrics and the log.
type Telemetry struct {
	Endpoint    string     `env:"ENDPOINT" desc:"The OTLP gRPC endpoint for traces and metrics, such as http://127.0.0.1:4317; nothing is sent if empty."`
	SampleRatio float64    `env:"SAMPLE_RATIO" envDefault:"1" desc:"The share of traces to record, from 0 to 1."`
	LogLevel    slog.Level `env:"LOG_LEVEL" envDefault:"info" options:"debug,info,warn,error" desc:"The lowest level that is logged."`
	LogFormat   string     `env:"LOG_FORMAT" envDefault:"text" options:"text,json" desc:"The format of the log."`
}
