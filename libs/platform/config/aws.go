package config

import "time"

// AWS says which AWS to work on.
type AWS struct {
	Endpoint     string        `env:"ENDPOINT" desc:"An endpoint that speaks like AWS; AWS itself if not given."`
	TimeScale    float64       `env:"TIME_SCALE" envDefault:"1" desc:"How many times faster than AWS that endpoint works; waits shrink by it. AWS itself has 1."`
	ResyncPeriod time.Duration `env:"RESYNC_PERIOD" envDefault:"48h" desc:"How often everything is looked at, to find what somebody changed by hand."`
}
