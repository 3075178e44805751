package allinone

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/skep-dev/skep/libs/engine/host"
	"github.com/skep-dev/skep/libs/platform/fault"
	awssim "github.com/skep-dev/skep/libs/sim/aws"
)

// AWSOptions selects the AWS of a suite.
type AWSOptions struct {
	// Mode is `sim` or `real`.
	Mode string
	// Endpoint is the URL of an AWS-compatible API; empty means AWS. Only in mode `real`.
	Endpoint string
	// TimeScale is the factor by which simulated AWS is faster than AWS; zero means 1.
	TimeScale float64
	// ResyncPeriod is the interval of resyncs; zero means 48 hours.
	ResyncPeriod time.Duration
}

// The accounts of simulated AWS: the account in which Skep itself runs, and the
// account for clusters.
const (
	managementAccount = "444455556666"
	demoAccount       = "111122223333"
)

// ownRegion is the region of Skep's own calls to STS.
const ownRegion = "eu-central-1"

// AWS is the AWS of a suite.
type AWS struct {
	// Simulation is simulated AWS, nil on real AWS.
	Simulation *awssim.Simulation
	// Account is the number of the simulated account for clusters.
	Account string

	endpoint  string
	timeScale float64
}

func openAWS(options AWSOptions, dataDir string) (*AWS, error) {
	switch options.Mode {
	case "real":
		return &AWS{endpoint: options.Endpoint, timeScale: 1}, nil
	case "sim":
	default:
		return nil, fault.Invalidf("--aws is %q; it must be sim or real", options.Mode)
	}
	if options.TimeScale <= 0 {
		options.TimeScale = 1
	}
	simulation, err := awssim.New(awssim.Options{
		Scale: options.TimeScale, Spread: awssim.TypicalSpread, Journal: filepath.Join(dataDir, "aws.journal"),
	})
	if err != nil {
		return nil, fmt.Errorf("open simulated AWS: %w", err)
	}
	return &AWS{Simulation: simulation, Account: demoAccount, timeScale: options.TimeScale}, nil
}

// base returns the configuration of a region, without credentials.
func (c *AWS) base(ctx context.Context, region string) (aws.Config, error) {
	if c.Simulation != nil {
		simulated := aws.Config{Region: region}
		c.Simulation.Install(&simulated)
		return simulated, nil
	}
	loaded, err := config.LoadDefaultConfig(ctx, config.WithRegion(region))
	if err != nil {
		return aws.Config{}, fmt.Errorf("load AWS configuration: %w", err)
	}
	if c.endpoint != "" {
		loaded.BaseEndpoint = aws.String(c.endpoint)
	}
	return loaded, nil
}

// own returns the configuration with the credentials of the installation itself.
func (c *AWS) own(ctx context.Context) (aws.Config, error) {
	own, err := c.base(ctx, ownRegion)
	if c.Simulation != nil {
		own.Credentials = credentials.NewStaticCredentialsProvider(c.Simulation.AccessKey(managementAccount), "simulated", "")
	}
	return own, err
}

// prepare prepares simulated AWS for clusters. On real AWS the account administrator does so.
func (c *AWS) prepare(ctx context.Context, h *host.Host) error {
	if c.Simulation == nil {
		return nil
	}
	return prepareSimulation(ctx, h, c.Simulation)
}

func (c *AWS) close() {
	if c.Simulation != nil {
		_ = c.Simulation.Close()
	}
}
