// Package network is the network service: it reconciles networks, the VPCs, subnets,
// gateways, routes and security groups of clusters.
package network

import (
	"context"

	"github.com/skep-dev/skep/libs/engine/definition"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/service"
	"github.com/skep-dev/skep/services/network/internal/api"
)

// Name is the name of the service and of its bucket.
const Name = "network"

// New opens what the service needs and starts nothing.
func New(ctx context.Context, d service.Dependencies) (service.Service, error) {
	records, err := d.Open(ctx, Name)
	if err != nil {
		return nil, err
	}
	on := definition.Runtime{Bucket: records.Own, Sessions: d.Sessions, Installation: d.Installation}
	return service.New(service.Options{
		Name: Name, Dependencies: d, Records: records,
		Objects: []service.Objects{api.Networks(on, records.Referrers(object.Networks))},
	})
}
