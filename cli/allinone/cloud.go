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

// AWS says which AWS a suite works on.
type AWS struct {
	// Mode is `sim` or `real`.
	Mode string
	// Endpoint speaks like AWS; empty is AWS itself. Only in mode `real`.
	Endpoint string
	// TimeScale is how many times faster than AWS the simulation is.
	TimeScale float64
	// ResyncPeriod is how often everything is looked at; zero means every two days.
	ResyncPeriod time.Duration
}

// The accounts of the simulation: the one that Skep itself runs in, and the one
// that is there to build clusters in.
const (
	managementAccount = "444455556666"
	demoAccount       = "111122223333"
)

// ownRegion is where Skep itself calls STS.
const ownRegion = "eu-central-1"

// Cloud is the AWS that a suite works on.
type Cloud struct {
	// World is the simulation, nil on real AWS.
	World *awssim.World
	// Account is the number of the simulated account that clusters are built in.
	Account string

	endpoint  string
	timeScale float64
}

func openCloud(options AWS, dataDir string) (*Cloud, error) {
	switch options.Mode {
	case "real":
		return &Cloud{endpoint: options.Endpoint, timeScale: 1}, nil
	case "sim":
	default:
		return nil, fault.Invalidf("--aws is %q; it is sim or real", options.Mode)
	}
	if options.TimeScale <= 0 {
		options.TimeScale = 1
	}
	world, err := awssim.New(awssim.Options{
		Scale: options.TimeScale, Spread: awssim.TypicalSpread, Journal: filepath.Join(dataDir, "aws.journal"),
	})
	if err != nil {
		return nil, fmt.Errorf("open simulated AWS: %w", err)
	}
	return &Cloud{World: world, Account: demoAccount, timeScale: options.TimeScale}, nil
}

// base is the configuration of a region, without credentials.
func (c *Cloud) base(ctx context.Context, region string) (aws.Config, error) {
	if c.World != nil {
		simulated := aws.Config{Region: region}
		c.World.Install(&simulated)
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

// own is the configuration with the credentials of the installation itself.
func (c *Cloud) own(ctx context.Context) (aws.Config, error) {
	own, err := c.base(ctx, ownRegion)
	if c.World != nil {
		own.Credentials = credentials.NewStaticCredentialsProvider(c.World.AccessKey(managementAccount), "simulated", "")
	}
	return own, err
}

// settle makes a simulated AWS fit to build in; real AWS is its administrator's.
func (c *Cloud) settle(ctx context.Context, h *host.Host) error {
	if c.World == nil {
		return nil
	}
	return settleSimulation(ctx, h, c.World)
}

func (c *Cloud) close() {
	if c.World != nil {
		_ = c.World.Close()
	}
}
