// Package bastion is the bastion service: it reconciles bastions, the hosts through
// which people reach the private subnets of a cluster.
package bastion

import (
	"context"

	"github.com/skep-dev/skep/libs/engine/definition"
	"github.com/skep-dev/skep/libs/engine/service"
	"github.com/skep-dev/skep/services/bastion/internal/api"
)

// Name is the name of the service and of its bucket.
const Name = "bastion"

// New opens what the service needs and starts nothing.
func New(ctx context.Context, d service.Dependencies) (service.Service, error) {
	records, err := d.Open(ctx, Name)
	if err != nil {
		return nil, err
	}
	on := definition.Runtime{Bucket: records.Own, Sessions: d.Sessions, Installation: d.Installation}
	return service.New(service.Options{
		Name: Name, Dependencies: d, Records: records,
		Objects: []service.Objects{definition.Open(on, api.Bastions(records.Of("network")))},
	})
}
