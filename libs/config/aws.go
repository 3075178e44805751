package config

// AWSMode says which AWS a process works on.
type AWSMode string

// The modes.
const (
	// AWSSim is AWS in the memory of the process.
	AWSSim AWSMode = "sim"
	// AWSReal is AWS, or whatever speaks like it at the endpoint.
	AWSReal AWSMode = "real"
)

// AWS says which AWS to work on.
type AWS struct {
	Mode      AWSMode `env:"MODE" envDefault:"real" options:"sim,real" desc:"Whether AWS is simulated in memory."`
	Endpoint  string  `env:"ENDPOINT" desc:"An endpoint that speaks like AWS; AWS itself if not given."`
	TimeScale float64 `env:"TIME_SCALE" envDefault:"1" desc:"How many times faster than AWS the simulation is."`
}
