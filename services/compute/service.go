// Package compute is the compute service: it reconciles the machines of clusters,
// control planes and node pools.
package compute

import (
	"context"

	"github.com/skep-dev/skep/libs/engine/definition"
	"github.com/skep-dev/skep/libs/engine/service"
	"github.com/skep-dev/skep/services/compute/internal/api"
)

// Name is the name of the service and of its bucket.
const Name = "compute"

// New opens what the service needs and starts nothing.
func New(ctx context.Context, d service.Dependencies) (service.Service, error) {
	records, err := d.Open(ctx, Name)
	if err != nil {
		return nil, err
	}
	on := definition.Runtime{Bucket: records.Own, Sessions: d.Sessions, Installation: d.Installation}
	sources := api.Sources{Network: records.Of("network"), Identity: records.Of("identity"), Ingress: records.Of("ingress")}
	return service.New(service.Options{
		Name: Name, Dependencies: d, Records: records,
		Objects: []service.Objects{definition.Open(on, api.ControlPlanes(sources)), definition.Open(on, api.NodePools(sources))},
	})
}
