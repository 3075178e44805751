package ec2api

import (
	"reflect"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// The API limits of EC2: one token bucket for each operation in each region of an account.
// https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
var (
	readLimit       = engine.Limit{Burst: 100, Refill: 20}
	unfilteredLimit = engine.Limit{Burst: 50, Refill: 10}
	writeLimit      = engine.Limit{Burst: 50, Refill: 5}

	operationLimits = map[string]engine.Limit{
		"RunInstances":                {Burst: 5, Refill: 2},
		"StartInstances":              {Burst: 5, Refill: 2},
		"TerminateInstances":          {Burst: 100, Refill: 5},
		"CreateNatGateway":            {Burst: 10, Refill: 1},
		"DeleteNatGateway":            {Burst: 10, Refill: 1},
		"CreateVpcEndpoint":           {Burst: 4, Refill: 0.3},
		"ModifyVpcEndpoint":           {Burst: 4, Refill: 0.3},
		"DeleteVpcEndpoints":          {Burst: 4, Refill: 0.3},
		"AuthorizeClientVpnIngress":   {Burst: 5, Refill: 2},
		"CreateClientVpnRoute":        {Burst: 5, Refill: 2},
		"CreateNetworkInterface":      {Burst: 100, Refill: 5},
		"DeleteNetworkInterface":      {Burst: 100, Refill: 5},
		"CreateVolume":                {Burst: 100, Refill: 5},
		"CreateLaunchTemplateVersion": {Burst: 100, Refill: 5},
		"CreateTags":                  {Burst: 100, Refill: 10},
		"DeleteTags":                  {Burst: 100, Refill: 10},
	}

	// heavyReads have a smaller bucket when they are neither filtered nor paginated.
	heavyReads = map[string]bool{
		"DescribeInstances": true, "DescribeInstanceStatus": true, "DescribeNetworkInterfaces": true,
		"DescribeSecurityGroups": true, "DescribeSnapshots": true, "DescribeVolumes": true,
	}
)

// limits returns the one bucket that a call draws on.
func limits(operation string, mutating bool, in any) []engine.Limit {
	own, ok := operationLimits[operation]
	switch {
	case ok:
	case mutating:
		own = writeLimit
	case heavyReads[operation] && reflect.ValueOf(in).Elem().IsZero():
		own = unfilteredLimit
	default:
		own = readLimit
	}
	return []engine.Limit{own}
}
