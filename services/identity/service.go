// Package identity is the identity service: it keeps organizations, accounts and
// the identities of clusters, and hands the other services their way into accounts.
package identity

import (
	"context"

	"google.golang.org/grpc"

	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"

	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/queue"
	"github.com/skep-dev/skep/libs/engine/reconciler"
	"github.com/skep-dev/skep/libs/engine/service"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/process"
	"github.com/skep-dev/skep/services/identity/internal/api"
)

// Name is the name of the service and of its bucket.
const Name = "identity"

// budgets is the bucket of API budgets, which nobody else reads.
const budgets = "budgets"

// machines is the service whose machines carry cluster identities, and keep them
// from being deleted.
const machines = "compute"

// tenants are the services whose records name accounts, and keep them from being
// deleted.
var tenants = []string{"network", machines, "ingress", "bastion"}

// Service is the identity service.
type Service struct {
	organizations *api.OrganizationServer
	accounts      *api.AccountServer
	identities    *api.ClusterIdentityServer
	credentials   *api.CredentialServer
	budgets       *api.Budgets
	buckets       []*store.Bucket
	controller    *queue.Controller
}

// New opens what the service needs and starts nothing.
func New(ctx context.Context, means service.Dependencies) (service.Service, error) {
	own, err := means.Bucket(ctx, Name)
	if err != nil {
		return nil, err
	}
	drawn, err := means.Scratch(ctx, budgets)
	if err != nil {
		return nil, err
	}
	buckets, secrets := []*store.Bucket{own}, api.Secrets{Sealer: means.Sealer}
	identities := &api.ClusterIdentities{Bucket: own, Sessions: means.Sessions, Installation: means.Installation, Secrets: secrets}
	var wakes []queue.Wake
	for _, name := range tenants {
		bucket, err := means.Bucket(ctx, name)
		if err != nil {
			return nil, err
		}
		buckets = append(buckets, bucket)
		if name == machines {
			identities.Referrers = &object.Referrers{Bucket: bucket, Field: "cluster_identity"}
			wakes = append(wakes, reconciler.WakeReferenced(bucket, object.ClusterIdentities, "cluster_identity"))
		}
	}
	usage := api.NewUsage(buckets...)
	organizations := &api.Organizations{Bucket: own, Usage: usage}
	accounts := &api.Accounts{Bucket: own, Usage: usage}
	controller, err := queue.New(queue.Options{
		Service: Name, Identity: means.Replica, Group: means.Group, Conn: means.Conn, Bucket: own, Wakes: wakes,
		Reconcile: reconciler.Each(organizations.Reconciler(), accounts.Reconciler(), identities.Reconciler()),
	})
	if err != nil {
		return nil, err
	}
	return &Service{
		organizations: api.NewOrganizationServer(organizations),
		accounts:      api.NewAccountServer(accounts),
		identities:    api.NewClusterIdentityServer(identities),
		credentials: &api.CredentialServer{Bucket: own, STS: means.STS, Budget: means.Sessions.Limiter(),
			Installation: means.Installation, Secrets: secrets},
		budgets: &api.Budgets{Bucket: drawn, Accounts: own, TimeScale: means.Sessions.TimeScale()},
		buckets: append(buckets, drawn), controller: controller,
	}, nil
}

// Register implements service.Service.
func (s *Service) Register(registrar grpc.ServiceRegistrar) {
	identityv1.RegisterOrganizationServiceServer(registrar, s.organizations)
	identityv1.RegisterAccountServiceServer(registrar, s.accounts)
	identityv1.RegisterClusterIdentityServiceServer(registrar, s.identities)
	identityv1.RegisterCredentialServiceServer(registrar, s.credentials)
	server := api.NewBudgetServer(s.budgets)
	identityv1.RegisterBudgetServiceServer(registrar, server)
	identityv1.RegisterBudgetSourceServiceServer(registrar, server)
}

// Ready implements service.Service.
func (s *Service) Ready(ctx context.Context) error { return service.Synced(ctx, s.buckets...) }

// Run implements service.Service.
func (s *Service) Run(ctx context.Context) error {
	parts := []func(context.Context) error{s.controller.Run, s.budgets.Run}
	for _, bucket := range s.buckets {
		parts = append(parts, bucket.Run)
	}
	return process.All(ctx, parts...)
}
