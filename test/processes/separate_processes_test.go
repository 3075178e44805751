package processes_test

import (
	"context"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/platform/topology"
	"github.com/skep-dev/skep/test/program"
)

// separateProcesses is the suite with one process per service and an external NATS server.
type separateProcesses struct {
	restClient
	dir, natsURL, installation string
	nats                       *program.Process
	services                   map[string]*program.Process
	addresses                  map[string]string
	// rest is the listen address of the REST API; port 0 uses a free port.
	rest string
	// aws are the settings of the services for AWS.
	aws []string
}

// noAWS is an endpoint without a server, for tests that do not call AWS.
var noAWS = []string{"SKEP_AWS_ENDPOINT=http://127.0.0.1:1"}

// suite are the services in the order of their start: each gets the addresses of the earlier
// ones.
var suite = []string{"identity", "network", "ingress", "compute", "bastion", "gateway"}

// startSeparate starts NATS, creates the streams and starts the services, the gateway last.
// All processes end with ctx.
func startSeparate(ctx context.Context, t *testing.T, aws []string) *separateProcesses {
	t.Helper()
	s := &separateProcesses{dir: t.TempDir(), services: make(map[string]*program.Process), addresses: make(map[string]string), rest: "127.0.0.1:0", aws: aws}
	s.ctx = ctx
	s.startNATS(t, "127.0.0.1:-1")
	s.installation = s.provision(t)
	for _, name := range suite {
		s.start(t, name, "127.0.0.1:0")
	}
	s.token = readToken(t, filepath.Join(s.dir, "admin.token"))
	return s
}

// startNATS starts a NATS server with the deployed configuration.
func (s *separateProcesses) startNATS(t *testing.T, listen string) {
	t.Helper()
	s.nats = start(s.ctx, t, append(passwords(), "SKEP_NATS_NAME=nats-0", "SKEP_NATS_LISTEN="+listen, "SKEP_NATS_STORE="+filepath.Join(s.dir, "nats")),
		"nats-server", "-c", "../../deploy/nats/nats.conf")
	s.natsURL = "nats://" + s.nats.Await(t, `Listening for client connections on (\S+)`)
	s.nats.Await(t, `(Server is ready)`)
}

// passwords returns the environment with the password of every NATS user.
func passwords() []string {
	var environment []string
	for _, service := range topology.Suite() {
		for _, user := range []string{service.Name, topology.Admin(service.Name)} {
			environment = append(environment, strings.TrimPrefix(topology.Environment(user), "$")+"="+password(user))
		}
	}
	return environment
}

func password(user string) string { return "secret-of-" + user }

// provision creates the streams and returns the id of the installation.
func (s *separateProcesses) provision(t *testing.T) string {
	t.Helper()
	return start(s.ctx, t, passwords(), "skep", "provision", "--nats="+s.natsURL).Await(t, `(?m)^([0-9a-f]{8})$`)
}

// start starts a service with the addresses of the services that were started before.
func (s *separateProcesses) start(t *testing.T, name, listen string) {
	t.Helper()
	environment := []string{
		"SKEP_LISTEN=" + listen, "SKEP_LISTEN_REST=" + s.rest, "SKEP_INSTALLATION=" + s.installation,
		"SKEP_NATS_URL=" + s.natsURL, "SKEP_NATS_PASSWORD=" + password(name),
		"SKEP_TOKEN_FILE=" + filepath.Join(s.dir, "admin.token"), "SKEP_SEAL_KEY=" + filepath.Join(s.dir, "seal.key"),
		"SKEP_HIGH_WATER_MARK=" + filepath.Join(s.dir, "high-water"),
		"AWS_ACCESS_KEY_ID=nobody", "AWS_SECRET_ACCESS_KEY=nothing", "AWS_EC2_METADATA_DISABLED=true",
	}
	environment = append(environment, s.aws...)
	for other, address := range s.addresses {
		environment = append(environment, "SKEP_TARGET_"+strings.ToUpper(other)+"="+address)
	}
	s.services[name] = start(s.ctx, t, environment, name)
	s.addresses[name] = s.services[name].Await(t, `serving grpc.* address=(127\.0\.0\.1:\d+)`)
	if name == "gateway" {
		s.rest = s.services[name].Await(t, `serving rest.* address=(127\.0\.0\.1:\d+)`)
		s.url = "http://" + s.rest
	}
}

const (
	organization  = "/v1/organizations/acme"
	accounts      = organization + "/accounts"
	watchAccounts = accounts + ":watch"
)

// declare creates an account and returns it when it is ready.
func (s *separateProcesses) declare(t *testing.T, id, number string) *identityv1.Account {
	t.Helper()
	must(t, s.restClient, http.MethodPut, accounts+"/"+id, `{"spec": {"awsAccountId": "`+number+`"}}`, new(identityv1.Account))
	return until(t, s.restClient, watchAccounts, events, func(m *identityv1.WatchAccountsResponse) bool {
		return strings.HasSuffix(m.GetAccount().GetName(), "/"+id) && m.GetAccount().GetStatus().GetState() == typev1.State_READY
	}).GetAccount()
}

func TestKilledProcessesLoseNoAcknowledgedState(t *testing.T) {
	t.Parallel()
	s := startSeparate(withTimeout(t, timeout), t, noAWS)
	must(t, s.restClient, http.MethodPut, organization, `{"spec": {"displayName": "Acme"}}`, new(identityv1.Organization))
	main := s.declare(t, "main", "111122223333")
	require.NotEmpty(t, main.GetStatus().GetExternalId())

	s.services["identity"].Kill()
	s.nats.Kill()
	s.startNATS(t, strings.TrimPrefix(s.natsURL, "nats://"))
	require.Equal(t, s.installation, s.provision(t), "the id of the installation changed")
	s.start(t, "identity", s.addresses["identity"])

	// The first answer includes the stored state.
	after := must(t, s.restClient, http.MethodGet, accounts+"/main", "", new(identityv1.Account))
	require.Equal(t, main.GetUid(), after.GetUid())
	require.Equal(t, main.GetStatus().GetExternalId(), after.GetStatus().GetExternalId())
	s.declare(t, "later", "222233334444")
	list := must(t, s.restClient, http.MethodGet, accounts, "", new(identityv1.ListAccountsResponse))
	require.Len(t, list.GetAccounts(), 2)

	for _, id := range []string{"main", "later"} {
		must(t, s.restClient, http.MethodDelete, accounts+"/"+id, "", new(identityv1.Account))
	}
	listed := make(map[string]bool)
	until(t, s.restClient, watchAccounts, lines, func(m *identityv1.WatchAccountsResponse) bool {
		if name := m.GetAccount().GetName(); name != "" {
			listed[name] = !m.GetDeleted()
		}
		return (m.GetSynced() || m.GetDeleted()) && !listed["organizations/acme/accounts/main"] && !listed["organizations/acme/accounts/later"]
	})
	must(t, s.restClient, http.MethodDelete, organization, "", new(identityv1.Organization))
	for name, service := range s.services {
		require.True(t, service.Alive(), "%s ended: %s", name, service.Output())
	}
}
