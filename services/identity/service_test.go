package identity_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/engine/service"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/libs/platform/seal"
	"github.com/skep-dev/skep/libs/sim/suite"
	"github.com/skep-dev/skep/services/identity"
)

const (
	organization = "organizations/demo"
	account      = organization + "/accounts/main"
	name         = organization + "/clusterIdentities/orchid"
)

// recordingSealer is a sealer that records every secret that it seals.
type recordingSealer struct {
	service.Sealer
	mu      sync.Mutex
	secrets [][]byte
}

func (s *recordingSealer) Seal(secret []byte, context string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.secrets = append(s.secrets, bytes.Clone(secret))
	return s.Sealer.Seal(secret, context)
}

func newSealer(t *testing.T) *recordingSealer {
	t.Helper()
	key, err := seal.Open(filepath.Join(t.TempDir(), "seal.key"))
	require.NoError(t, err)
	return &recordingSealer{Sealer: key}
}

func alone(sealer service.Sealer) suite.Options {
	return suite.Options{Services: map[string]service.Constructor{identity.Name: identity.New}, Sealer: sealer}
}

// createAccount creates an organization, an account, and the role of the identity service in it.
func createAccount(ctx context.Context, t *testing.T, w *suite.Suite) *identityv1.Account {
	t.Helper()
	accounts := identityv1.NewAccountServiceClient(w.Client(identity.Name))
	_, err := identityv1.NewOrganizationServiceClient(w.Client(identity.Name)).ApplyOrganization(ctx, &identityv1.ApplyOrganizationRequest{
		Organization: &identityv1.Organization{Name: organization, Spec: &identityv1.OrganizationSpec{DisplayName: "Demo"}},
	})
	require.NoError(t, err)
	_, err = accounts.ApplyAccount(ctx, &identityv1.ApplyAccountRequest{Account: &identityv1.Account{
		Name: account, Spec: &identityv1.AccountSpec{AwsAccountId: suite.Account},
	}})
	require.NoError(t, err)
	stream, err := accounts.WatchAccounts(ctx, &identityv1.WatchAccountsRequest{Parent: organization})
	require.NoError(t, err)
	created := suite.Await(t, stream.Recv, func(m *identityv1.WatchAccountsResponse) bool {
		return m.GetAccount().GetStatus().GetState() == typev1.State_READY
	}).GetAccount()
	require.NoError(t, w.AWS.PutRole(suite.Account, "skep-identity", created.GetStatus().GetExternalId()))
	return created
}

// createIdentity creates a cluster identity and waits until it is ready.
func createIdentity(ctx context.Context, t *testing.T, w *suite.Suite) *identityv1.ClusterIdentity {
	t.Helper()
	client := identityv1.NewClusterIdentityServiceClient(w.Client(identity.Name))
	_, err := client.ApplyClusterIdentity(ctx, &identityv1.ApplyClusterIdentityRequest{ClusterIdentity: &identityv1.ClusterIdentity{
		Name: name, Spec: &identityv1.ClusterIdentitySpec{Account: account, Region: "eu-central-1"},
	}})
	require.NoError(t, err)
	stream, err := client.WatchClusterIdentities(ctx, &identityv1.WatchClusterIdentitiesRequest{Parent: organization})
	require.NoError(t, err)
	return suite.Await(t, stream.Recv, func(m *identityv1.WatchClusterIdentitiesResponse) bool {
		return m.GetClusterIdentity().GetStatus().GetState() == typev1.State_READY
	}).GetClusterIdentity()
}

func TestClusterIdentityBecomesReadyStaysUnchangedAndIsDeleted(t *testing.T) {
	suite.Run(t, alone(newSealer(t)), func(t *testing.T, w *suite.Suite) {
		ctx := suite.Context(t)
		createAccount(ctx, t, w)
		ready := createIdentity(ctx, t, w)
		require.NotEmpty(t, ready.GetStatus().GetControlPlane().GetArn())
		require.NotEmpty(t, ready.GetStatus().GetNode().GetRoleArn())
		require.Len(t, ready.GetStatus().GetCertificateAuthorities(), 3)
		require.Contains(t, ready.GetStatus().GetServiceAccountPublicKey(), "PUBLIC KEY")
		for _, entry := range w.AWS.Ledger() {
			require.Equal(t, "skep-identity", entry.CreatedBy, "%s was not created with the role of the service", entry.Kind)
		}

		mutations := len(w.AWS.Mutations())
		time.Sleep(time.Hour)
		require.Len(t, w.AWS.Mutations(), mutations, "a ready identity was changed")

		client := identityv1.NewClusterIdentityServiceClient(w.Client(identity.Name))
		stream, err := client.WatchClusterIdentities(ctx, &identityv1.WatchClusterIdentitiesRequest{Parent: organization})
		require.NoError(t, err)
		again := suite.Await(t, stream.Recv, func(m *identityv1.WatchClusterIdentitiesResponse) bool { return m.GetClusterIdentity() != nil }).GetClusterIdentity()
		require.Equal(t, ready.GetStatus().GetServiceAccountPublicKey(), again.GetStatus().GetServiceAccountPublicKey(), "the signing key of the cluster changed")
		_, err = client.DeleteClusterIdentity(ctx, &identityv1.DeleteClusterIdentityRequest{Name: name})
		require.NoError(t, err)
		suite.Await(t, stream.Recv, func(m *identityv1.WatchClusterIdentitiesResponse) bool { return m.GetDeleted() })
		require.Empty(t, w.AWS.String())
		require.Zero(t, w.AWS.Throttles())
	})
}

func TestPrivateKeysAreNeverStoredOrLoggedUnsealed(t *testing.T) {
	sealer := newSealer(t)
	suite.Run(t, alone(sealer), func(t *testing.T, w *suite.Suite) {
		var log bytes.Buffer
		before := slog.Default()
		slog.SetDefault(slog.New(slog.NewTextHandler(&lockedBuffer{w: &log}, &slog.HandlerOptions{Level: slog.LevelDebug})))
		defer slog.SetDefault(before)
		ctx := suite.Context(t)
		createAccount(ctx, t, w)
		ready := createIdentity(ctx, t, w)
		require.Len(t, sealer.secrets, 4)

		bucket, err := store.Open(ctx, w.NATS(identity.Name), identity.Name, store.Options{})
		require.NoError(t, err)
		running, stop := context.WithCancel(ctx)
		var bucketStopped sync.WaitGroup
		bucketStopped.Go(func() { _ = bucket.Run(running) })
		defer bucketStopped.Wait()
		defer stop()
		records, watch := bucket.Watch("")
		defer watch.Stop()
		var stored strings.Builder
		for _, record := range records {
			stored.WriteString(record.String())
		}
		for !strings.Contains(stored.String(), ready.GetUid()) {
			change := <-watch.C
			stored.WriteString(change.Record.String())
		}
		for _, secret := range sealer.secrets {
			block, _ := pem.Decode(secret)
			require.NotNil(t, block)
			line := strings.Split(string(secret), "\n")[1]
			for place, text := range map[string]string{"the store": stored.String(), "the log": log.String(), "the status": ready.String()} {
				require.NotContains(t, text, "PRIVATE KEY", place)
				require.NotContains(t, text, line, place)
				require.NotContains(t, text, string(block.Bytes), place)
			}
		}
	})
}

// lockedBuffer is a buffer that goroutines can write concurrently.
type lockedBuffer struct {
	mu sync.Mutex
	w  *bytes.Buffer
}

func (s *lockedBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.w.Write(p)
}

func TestClientCertificatesAreSignedByTheirCluster(t *testing.T) {
	suite.Run(t, alone(newSealer(t)), func(t *testing.T, w *suite.Suite) {
		ctx := suite.Context(t)
		createAccount(ctx, t, w)
		createIdentity(ctx, t, w)
		client := identityv1.NewCredentialServiceClient(w.Client(identity.Name))
		issued, err := client.IssueClientCertificate(ctx, &identityv1.IssueClientCertificateRequest{
			ClusterIdentity: name, CommonName: "ada", Groups: []string{"developers"},
		})
		require.NoError(t, err)
		roots := x509.NewCertPool()
		require.True(t, roots.AppendCertsFromPEM([]byte(issued.GetCertificateAuthority())))
		block, _ := pem.Decode([]byte(issued.GetCertificate()))
		certificate, err := x509.ParseCertificate(block.Bytes)
		require.NoError(t, err)
		_, err = certificate.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: time.Now(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
		require.NoError(t, err)
		require.Equal(t, time.Now().Add(time.Hour).Unix(), issued.GetExpireTime().AsTime().Unix())

		_, err = client.IssueClientCertificate(ctx, &identityv1.IssueClientCertificateRequest{ClusterIdentity: name + "s", CommonName: "ada"})
		require.True(t, fault.Is(err, fault.NotFound))
	})
}

func TestCredentialsNeedTheExternalIDOfTheAccount(t *testing.T) {
	suite.Run(t, alone(newSealer(t)), func(t *testing.T, w *suite.Suite) {
		ctx := suite.Context(t)
		created := createAccount(ctx, t, w)
		require.Len(t, created.GetStatus().GetExternalId(), 26, "the ExternalId has less than 128 bits")
		client := identityv1.NewCredentialServiceClient(w.Client(identity.Name))
		ask := func(service string) (*identityv1.IssueAwsCredentialsResponse, error) {
			return client.IssueAwsCredentials(ctx, &identityv1.IssueAwsCredentialsRequest{Account: account, Service: service})
		}
		issued, err := ask("identity")
		require.NoError(t, err)
		require.Equal(t, suite.Account, issued.GetAwsAccountId())
		require.Equal(t, time.Hour, time.Until(issued.GetExpireTime().AsTime()).Round(time.Minute))

		_, err = ask("network")
		require.True(t, fault.Is(err, fault.Denied), "the role does not exist")
		require.NoError(t, w.AWS.PutRole(suite.Account, "skep-network", "another-external-id"))
		_, err = ask("network")
		require.True(t, fault.Is(err, fault.Denied), "the role requires another ExternalId")
		require.Contains(t, fault.Of(err).Remedy, created.GetStatus().GetExternalId())
		require.NoError(t, w.AWS.PutRole(suite.Account, "skep-network", created.GetStatus().GetExternalId()))
		_, err = ask("network")
		require.NoError(t, err)

		_, err = client.IssueAwsCredentials(ctx, &identityv1.IssueAwsCredentialsRequest{Account: organization + "/accounts/other", Service: "network"})
		require.True(t, fault.Is(err, fault.NotFound))
	})
}

func TestTwoAccountsCannotNameOneAWSAccount(t *testing.T) {
	suite.Run(t, alone(newSealer(t)), func(t *testing.T, w *suite.Suite) {
		ctx := suite.Context(t)
		createAccount(ctx, t, w)
		_, err := identityv1.NewAccountServiceClient(w.Client(identity.Name)).ApplyAccount(ctx, &identityv1.ApplyAccountRequest{Account: &identityv1.Account{
			Name: "organizations/rival/accounts/mine", Spec: &identityv1.AccountSpec{AwsAccountId: suite.Account},
		}})
		require.True(t, fault.Is(err, fault.Invalid))
		require.Equal(t, "spec.awsAccountId", fault.Of(err).Fields[0].Path)
	})
}

func TestAccountAndOrganizationInUseAreNotDeleted(t *testing.T) {
	suite.Run(t, alone(newSealer(t)), func(t *testing.T, w *suite.Suite) {
		ctx := suite.Context(t)
		createAccount(ctx, t, w)
		createIdentity(ctx, t, w)
		accounts := identityv1.NewAccountServiceClient(w.Client(identity.Name))
		organizations := identityv1.NewOrganizationServiceClient(w.Client(identity.Name))
		identities := identityv1.NewClusterIdentityServiceClient(w.Client(identity.Name))

		_, err := accounts.DeleteAccount(ctx, &identityv1.DeleteAccountRequest{Name: account})
		require.True(t, fault.Is(err, fault.Precondition))
		require.ErrorContains(t, err, "is still used by clusterIdentities/demo/orchid")
		_, err = organizations.DeleteOrganization(ctx, &identityv1.DeleteOrganizationRequest{Name: organization})
		require.True(t, fault.Is(err, fault.Precondition))

		stream, err := identities.WatchClusterIdentities(ctx, &identityv1.WatchClusterIdentitiesRequest{Parent: organization})
		require.NoError(t, err)
		_, err = identities.DeleteClusterIdentity(ctx, &identityv1.DeleteClusterIdentityRequest{Name: name})
		require.NoError(t, err)
		suite.Await(t, stream.Recv, func(m *identityv1.WatchClusterIdentitiesResponse) bool { return m.GetDeleted() })

		accountStream, err := accounts.WatchAccounts(ctx, &identityv1.WatchAccountsRequest{Parent: organization})
		require.NoError(t, err)
		suite.Await(t, accountStream.Recv, func(m *identityv1.WatchAccountsResponse) bool { return m.GetSynced() })
		_, err = accounts.DeleteAccount(ctx, &identityv1.DeleteAccountRequest{Name: account})
		require.NoError(t, err)
		suite.Await(t, accountStream.Recv, func(m *identityv1.WatchAccountsResponse) bool { return m.GetDeleted() })
		_, err = organizations.DeleteOrganization(ctx, &identityv1.DeleteOrganizationRequest{Name: organization})
		require.NoError(t, err)
	})
}
