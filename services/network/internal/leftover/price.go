package leftover

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Price is what a thing costs a month in US dollars. The zero value is not known.
type Price struct {
	USD   float64
	Known bool
}

// String is the price in words.
func (p Price) String() string {
	if !p.Known {
		return "price not known"
	}
	return fmt.Sprintf("$%.2f a month", p.USD)
}

// hours are those of a month as AWS counts them.
const hours = 730

// List prices of us-east-1, from the pricing pages of Amazon EBS, Elastic Load
// Balancing, Amazon VPC and AWS PrivateLink as of 2025-11. Traffic, requests,
// capacity units and provisioned IOPS come on top.
const (
	networkBalancerHour = 0.0225 // application load balancers the same
	classicBalancerHour = 0.025
	natGatewayHour      = 0.045
	endpointZoneHour    = 0.01
	publicAddressHour   = 0.005
)

// storage is what a GiB of a volume costs a month.
var storage = map[types.VolumeType]float64{
	types.VolumeTypeGp3: 0.08, types.VolumeTypeGp2: 0.10, types.VolumeTypeIo1: 0.125, types.VolumeTypeIo2: 0.125,
	types.VolumeTypeSt1: 0.045, types.VolumeTypeSc1: 0.015, types.VolumeTypeStandard: 0.05,
}

func hourly(rate float64, count int) Price {
	return Price{USD: rate * hours * float64(count), Known: true}
}

func volumePrice(sort types.VolumeType, gib int32) Price {
	rate, ok := storage[sort]
	return Price{USD: rate * float64(gib), Known: ok}
}
