package removal

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/latency"
	"github.com/skep-dev/skep/services/network/internal/leftover/finding"
)

// presence is the observed state of a resource.
type presence int

const (
	absent presence = iota
	present
	deleting
)

// handler observes and deletes the resources of one type.
type handler struct {
	observe func(ctx context.Context, api AWS, id string) (presence, error)
	// delete is nil for a resource type that is always foreign.
	delete func(ctx context.Context, l *Leftover) error
	// deleteLatency is the usual time from the delete until AWS shows the resource no more.
	deleteLatency time.Duration
}

var handlers = map[finding.ResourceType]handler{
	finding.Instance:             {observe: observeInstance, delete: terminateInstance, deleteLatency: latency.Of(latency.InstanceDeleted)},
	finding.LoadBalancer:         {observe: observeLoadBalancer, delete: deleteLoadBalancer, deleteLatency: time.Second},
	finding.ClassicLoadBalancer:  {observe: observeClassicLoadBalancer, delete: deleteClassicLoadBalancer, deleteLatency: time.Second},
	finding.TargetGroup:          {observe: observeTargetGroup, delete: deleteTargetGroup},
	finding.NetworkInterface:     {observe: observeInterface, delete: deleteInterface},
	finding.SecurityGroup:        {observe: observeSecurityGroup, delete: deleteSecurityGroup},
	finding.VPCEndpoint:          {observe: observeEndpoint, delete: deleteEndpoint, deleteLatency: latency.Of(latency.VPCEndpointDeleted)},
	finding.Volume:               {observe: observeVolume, delete: deleteVolume},
	finding.ElasticIP:            {observe: observeElasticIP, delete: releaseElasticIP},
	finding.NATGateway:           {observe: observeNATGateway},
	finding.Subnet:               {observe: observeSubnet},
	finding.RouteTable:           {observe: observeRouteTable},
	finding.VPCPeeringConnection: {observe: observePeering},
}

// byID is a filter for one id. A read with a filter returns an empty list for a deleted
// resource, where a read by id fails.
func byID(filter, id string) []types.Filter {
	return []types.Filter{{Name: aws.String(filter), Values: []string{id}}}
}

// listed returns present if AWS lists the resource.
func listed[T any](resources []T) presence {
	if len(resources) == 0 {
		return absent
	}
	return present
}
