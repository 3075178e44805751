// Package ingress is the ingress service: it reconciles the load balancers and DNS
// records through which clusters are reached, API endpoints and ingresses.
package ingress

import (
	"context"

	"github.com/skep-dev/skep/libs/engine/definition"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/service"
	"github.com/skep-dev/skep/services/ingress/internal/api"
)

// Name is the name of the service and of its bucket.
const Name = "ingress"

// New opens what the service needs and starts nothing.
func New(ctx context.Context, d service.Dependencies) (service.Service, error) {
	records, err := d.Open(ctx, Name)
	if err != nil {
		return nil, err
	}
	on := definition.Runtime{Bucket: records.Own, Sessions: d.Sessions, Installation: d.Installation}
	sources := api.Sources{Own: records.Own, Networks: records.Of("network")}
	return service.New(service.Options{
		Name: Name, Dependencies: d, Records: records,
		Objects: []service.Objects{
			definition.Open(on, api.Endpoints(sources, records.Referrers(object.ApiEndpoints))),
			definition.Open(on, api.Ingresses(sources)),
		},
	})
}
