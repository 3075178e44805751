// Package identity is the identity service: it reconciles organizations, accounts and
// the identities of clusters, and issues the credentials with which the other services
// call AWS.
package identity

import (
	"context"

	"google.golang.org/grpc"

	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"

	"github.com/skep-dev/skep/libs/engine/definition"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/service"
	"github.com/skep-dev/skep/services/identity/internal/api"
)

// Name is the name of the service and of its bucket.
const Name = "identity"

// budgets is the bucket of API budgets, which no other service reads.
const budgets = "budgets"

// New opens what the service needs and starts nothing.
func New(ctx context.Context, d service.Dependencies) (service.Service, error) {
	records, err := d.Open(ctx, Name)
	if err != nil {
		return nil, err
	}
	scratch, err := d.Scratch(ctx, budgets)
	if err != nil {
		return nil, err
	}
	on := definition.Runtime{Bucket: records.Own, Sessions: d.Sessions, Installation: d.Installation}
	secrets := api.Secrets{Sealer: d.Sealer}
	credentials := &api.CredentialServer{
		Bucket: records.Own, STS: d.STS, Budget: d.Sessions.Limiter(), Installation: d.Installation, Secrets: secrets,
	}
	drawn := &api.Budgets{Bucket: scratch, Accounts: records.Own, TimeScale: d.Sessions.TimeScale()}
	return service.New(service.Options{
		Name: Name, Dependencies: d, Records: records.With(scratch),
		Objects: []service.Objects{
			definition.Open(on, api.Organizations(records.All())),
			definition.Open(on, api.Accounts(records.Own, records.Referrers(object.Accounts))),
			definition.Open(on, api.ClusterIdentities(secrets, records.Referrers(object.ClusterIdentities))),
		},
		Register: func(registrar grpc.ServiceRegistrar) {
			identityv1.RegisterCredentialServiceServer(registrar, credentials)
			server := api.NewBudgetServer(drawn)
			identityv1.RegisterBudgetServiceServer(registrar, server)
			identityv1.RegisterBudgetSourceServiceServer(registrar, server)
		},
		Run: []func(context.Context) error{drawn.Run},
	})
}
