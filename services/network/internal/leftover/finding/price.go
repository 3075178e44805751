package finding

import "github.com/aws/aws-sdk-go-v2/service/ec2/types"

// Price is the monthly price of a resource in US dollars. The zero value is an unknown price.
type Price struct {
	USD   float64
	Known bool
}

// Free is the price of a resource that AWS does not charge for.
var Free = Price{Known: true}

// hoursPerMonth is the length of a month in the pricing of AWS.
const hoursPerMonth = 730

// List prices in US dollars per hour in us-east-1, from the pricing pages of Elastic Load
// Balancing, Amazon VPC and AWS PrivateLink as of 2025-11. Traffic, requests and
// capacity units are extra.
const (
	LoadBalancerHour        = 0.0225 // network and application load balancers
	ClassicLoadBalancerHour = 0.025
	NATGatewayHour          = 0.045
	EndpointZoneHour        = 0.01 // per zone
	PublicAddressHour       = 0.005
)

// storagePrices are the list prices of a volume in US dollars per GiB and month, from the
// pricing page of Amazon EBS as of 2025-11. Provisioned IOPS are extra.
var storagePrices = map[types.VolumeType]float64{
	types.VolumeTypeGp3: 0.08, types.VolumeTypeGp2: 0.10, types.VolumeTypeIo1: 0.125, types.VolumeTypeIo2: 0.125,
	types.VolumeTypeSt1: 0.045, types.VolumeTypeSc1: 0.015, types.VolumeTypeStandard: 0.05,
}

// Hourly returns the monthly price of count units at a rate per hour.
func Hourly(rate float64, count int) Price {
	return Price{USD: rate * hoursPerMonth * float64(count), Known: true}
}

// VolumePrice returns the monthly price of a volume; unknown for a volume type without a list price.
func VolumePrice(volumeType types.VolumeType, gib int32) Price {
	rate, ok := storagePrices[volumeType]
	return Price{USD: rate * float64(gib), Known: ok}
}
