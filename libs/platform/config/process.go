package config

import (
	"net"
	"net/url"
	"strings"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// Process are the settings of every process of the suite. A service with further settings embeds it.
type Process struct {
	Listen        string    `env:"LISTEN" envDefault:"127.0.0.1:0" desc:"The address of the gRPC server; port 0 means a free port."`
	Installation  string    `env:"INSTALLATION" envDefault:"skep" desc:"The id of the installation, a tag on every resource in AWS."`
	Replica       string    `env:"REPLICA" desc:"The id of this replica; host name and process id if empty."`
	TokenFile     string    `env:"TOKEN_FILE" envDefault:".skep/admin.token" desc:"The file with the admin token; created if it does not exist."`
	SealKey       string    `env:"SEAL_KEY" envDefault:".skep/seal.key" desc:"The file with the key that seals secrets; created if it does not exist."`
	HighWaterMark string    `env:"HIGH_WATER_MARK" envDefault:".skep/high-water" desc:"The directory of the high-water marks: the newest revision of each bucket that the service has seen."`
	Plaintext     bool      `env:"PLAINTEXT" desc:"Whether tokens may go unencrypted to other machines, for networks that encrypt."`
	Targets       Targets   `envPrefix:"TARGET_"`
	NATS          NATS      `envPrefix:"NATS_"`
	AWS           AWS       `envPrefix:"AWS_"`
	Telemetry     Telemetry `envPrefix:"TELEMETRY_"`
}

// Validate returns the invalid variables that the types do not reveal. Load calls it.
func (p *Process) Validate() []fault.Field {
	var problems []fault.Field
	check := func(variable string, good bool, message string) {
		if !good {
			problems = append(problems, fault.Field{Path: prefix + variable, Message: message})
		}
	}
	check("LISTEN", isAddress(p.Listen), "is not a host and a port such as 127.0.0.1:9090")
	for server := range strings.SplitSeq(p.NATS.URL, ",") {
		check("NATS_URL", isURL(server), "is not a list of URLs such as nats://127.0.0.1:4222")
	}
	check("NATS_PASSWORD", p.NATS.Password == "" || p.NATS.PasswordFile == "", "is set together with SKEP_NATS_PASSWORD_FILE: set only one of them")
	check("AWS_ENDPOINT", p.AWS.Endpoint == "" || isURL(p.AWS.Endpoint), "is not a URL such as http://127.0.0.1:5000")
	check("AWS_TIME_SCALE", p.AWS.TimeScale == 1 || p.AWS.TimeScale > 0 && p.AWS.Endpoint != "", "is not 1; another number above 0 requires SKEP_AWS_ENDPOINT")
	check("TELEMETRY_ENDPOINT", p.Telemetry.Endpoint == "" || isURL(p.Telemetry.Endpoint), "is not a URL such as http://127.0.0.1:4317")
	check("TELEMETRY_SAMPLE_RATIO", p.Telemetry.SampleRatio >= 0 && p.Telemetry.SampleRatio <= 1, "is not a number from 0 to 1")
	return problems
}

func isAddress(text string) bool {
	_, _, err := net.SplitHostPort(text)
	return err == nil
}

func isURL(text string) bool {
	u, err := url.Parse(strings.TrimSpace(text))
	return err == nil && u.Scheme != "" && u.Host != ""
}
