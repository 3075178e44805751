package allinone

import (
	"context"
	"fmt"

	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"

	"github.com/skep-dev/skep/libs/engine/host"
	awssim "github.com/skep-dev/skep/libs/sim/aws"
	"github.com/skep-dev/skep/services/identity"
)

// Simulated AWS starts with an organization with an account, and a domain with a
// hosted zone in that account.
const (
	demoOrganization = "organizations/demo"
	demoAccountName  = "organizations/demo/accounts/main"
	demoDomain       = "demo.example.test"
)

// prepareSimulation applies the organization and the account, and does the work of the
// account administrator in simulated AWS: it creates one role per service, which trusts
// Skep with the ExternalId of the account.
func prepareSimulation(ctx context.Context, h *host.Host, simulation *awssim.Simulation) error {
	conn, err := h.Peer(identity.Name)
	if err != nil {
		return err
	}
	organizations, accounts := identityv1.NewOrganizationServiceClient(conn), identityv1.NewAccountServiceClient(conn)
	if _, err := organizations.ApplyOrganization(ctx, &identityv1.ApplyOrganizationRequest{Organization: &identityv1.Organization{
		Name: demoOrganization, Spec: &identityv1.OrganizationSpec{DisplayName: "Demo"},
	}}); err != nil {
		return fmt.Errorf("apply %s: %w", demoOrganization, err)
	}
	if _, err := accounts.ApplyAccount(ctx, &identityv1.ApplyAccountRequest{Account: &identityv1.Account{
		Name: demoAccountName, Spec: &identityv1.AccountSpec{AwsAccountId: demoAccount},
	}}); err != nil {
		return fmt.Errorf("apply %s: %w", demoAccountName, err)
	}
	stream, err := accounts.WatchAccounts(ctx, &identityv1.WatchAccountsRequest{Parent: demoOrganization})
	if err != nil {
		return fmt.Errorf("watch accounts: %w", err)
	}
	for {
		message, err := stream.Recv()
		if err != nil {
			return fmt.Errorf("watch accounts: %w", err)
		}
		if account := message.GetAccount(); account.GetName() == demoAccountName && account.GetStatus().GetExternalId() != "" {
			return PutFixtures(simulation, demoAccount, account.GetStatus().GetExternalId())
		}
	}
}

// PutFixtures creates the fixtures of a simulated account that on real AWS the account
// administrator creates: the roles of the services, and a hosted zone.
func PutFixtures(simulation *awssim.Simulation, account, externalID string) error {
	for _, one := range services {
		if err := simulation.PutRole(account, "skep-"+one.name, externalID); err != nil {
			return fmt.Errorf("create role of %s: %w", one.name, err)
		}
	}
	if _, err := simulation.PutHostedZone(account, demoDomain); err != nil {
		return fmt.Errorf("create hosted zone %s: %w", demoDomain, err)
	}
	return nil
}
