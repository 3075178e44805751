package config

import "time"

// AWS are the settings of the AWS endpoint.
type AWS struct {
	Endpoint     string        `env:"ENDPOINT" desc:"A URL that is compatible with the AWS API; AWS itself if empty."`
	TimeScale    float64       `env:"TIME_SCALE" envDefault:"1" desc:"The speed of that endpoint relative to AWS; waits are divided by it. 1 for AWS."`
	ResyncPeriod time.Duration `env:"RESYNC_PERIOD" envDefault:"48h" desc:"The interval between two observations of every resource, to find drift."`
}
