package config

// AWS says which AWS to work on.
type AWS struct {
	Endpoint string `env:"ENDPOINT" desc:"An endpoint that speaks like AWS; AWS itself if not given."`
}
