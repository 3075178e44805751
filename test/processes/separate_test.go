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

	"github.com/skep-dev/skep/libs/platform/bus"
	"github.com/skep-dev/skep/test/program"
)

// separate is the suite with a process for each service, and NATS outside.
type separate struct {
	face
	dir, natsURL, installation string
	nats                       *program.Process
	services                   map[string]*program.Process
	addresses                  map[string]string
	// rest is where the REST face is; a port of 0 takes a free one.
	rest string
	// aws are the settings of the services that say where AWS is.
	aws []string
}

// nobody is an AWS that is asked for nothing: nobody answers at this address.
var nobody = []string{"SKEP_AWS_ENDPOINT=http://127.0.0.1:1"}

// suite are the services in the order they are started: each finds those before it.
var suite = []string{"identity", "network", "ingress", "compute", "bastion", "gateway"}

// apart starts NATS, makes the streams, and starts the services, the gateway last.
// Nothing of it outlives ctx.
func apart(ctx context.Context, t *testing.T, aws []string) *separate {
	t.Helper()
	s := &separate{dir: t.TempDir(), services: make(map[string]*program.Process), addresses: make(map[string]string), rest: "127.0.0.1:0", aws: aws}
	s.ctx = ctx
	s.startNATS(t, "127.0.0.1:-1")
	s.installation = s.provision(t)
	for _, name := range suite {
		s.start(t, name, "127.0.0.1:0")
	}
	s.token = readToken(t, filepath.Join(s.dir, "admin.token"))
	return s
}

// startNATS runs a server with the deployed configuration.
func (s *separate) startNATS(t *testing.T, listen string) {
	t.Helper()
	s.nats = start(s.ctx, t, append(passwords(), "SKEP_NATS_NAME=nats-0", "SKEP_NATS_LISTEN="+listen, "SKEP_NATS_STORE="+filepath.Join(s.dir, "nats")),
		"nats-server", "-c", "../../deploy/nats/nats.conf")
	s.natsURL = "nats://" + s.nats.Await(t, `Listening for client connections on (\S+)`)
	s.nats.Await(t, `(Server is ready)`)
}

// passwords is the environment with the password of every user.
func passwords() []string {
	var environment []string
	for _, service := range bus.Suite() {
		for _, user := range []string{service.Name, bus.Admin(service.Name)} {
			environment = append(environment, strings.TrimPrefix(bus.Environment(user), "$")+"="+password(user))
		}
	}
	return environment
}

func password(user string) string { return "secret-of-" + user }

// provision makes the streams and returns the id of the installation.
func (s *separate) provision(t *testing.T) string {
	t.Helper()
	return start(s.ctx, t, passwords(), "skep", "provision", "--nats="+s.natsURL).Await(t, `(?m)^([0-9a-f]{8})$`)
}

// start runs a service, which finds those started before it.
func (s *separate) start(t *testing.T, name, listen string) {
	t.Helper()
	environment := []string{
		"SKEP_LISTEN=" + listen, "SKEP_LISTEN_REST=" + s.rest, "SKEP_INSTALLATION=" + s.installation,
		"SKEP_NATS_URL=" + s.natsURL, "SKEP_NATS_PASSWORD=" + password(name),
		"SKEP_TOKEN_FILE=" + filepath.Join(s.dir, "admin.token"), "SKEP_SEAL_KEY=" + filepath.Join(s.dir, "seal.key"),
		"SKEP_HIGH_WATER_MARK=" + filepath.Join(s.dir, "high-water"),
		"AWS_ACCESS_KEY_ID=nobody", "AWS_SECRET_ACCESS_KEY=nothing", "AWS_EC2_METADATA_DISABLED=true",
	}
	environment = append(environment, s.aws...)
	for peer, address := range s.addresses {
		environment = append(environment, "SKEP_TARGET_"+strings.ToUpper(peer)+"="+address)
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

// declare declares an account and returns it when it is ready.
func (s *separate) declare(t *testing.T, id, number string) *identityv1.Account {
	t.Helper()
	must(t, s.face, http.MethodPut, accounts+"/"+id, `{"spec": {"awsAccountId": "`+number+`"}}`, new(identityv1.Account))
	return until(t, s.face, watchAccounts, events, func(m *identityv1.WatchAccountsResponse) bool {
		return strings.HasSuffix(m.GetAccount().GetName(), "/"+id) && m.GetAccount().GetStatus().GetState() == typev1.State_READY
	}).GetAccount()
}

func TestProcessesOfTheirOwnOverAnOutsideNATSLoseNothingWhenTheyAreKilled(t *testing.T) {
	t.Parallel()
	s := apart(patient(t, patience), t, nobody)
	must(t, s.face, http.MethodPut, organization, `{"spec": {"displayName": "Acme"}}`, new(identityv1.Organization))
	main := s.declare(t, "main", "111122223333")
	require.NotEmpty(t, main.GetStatus().GetExternalId())

	s.services["identity"].Kill()
	s.nats.Kill()
	s.startNATS(t, strings.TrimPrefix(s.natsURL, "nats://"))
	require.Equal(t, s.installation, s.provision(t), "the installation is the same for as long as its store is")
	s.start(t, "identity", s.addresses["identity"])

	// The very first answer already knows what is stored.
	after := must(t, s.face, http.MethodGet, accounts+"/main", "", new(identityv1.Account))
	require.Equal(t, main.GetUid(), after.GetUid())
	require.Equal(t, main.GetStatus().GetExternalId(), after.GetStatus().GetExternalId())
	s.declare(t, "later", "222233334444")
	list := must(t, s.face, http.MethodGet, accounts, "", new(identityv1.ListAccountsResponse))
	require.Len(t, list.GetAccounts(), 2)

	for _, id := range []string{"main", "later"} {
		must(t, s.face, http.MethodDelete, accounts+"/"+id, "", new(identityv1.Account))
	}
	there := make(map[string]bool)
	until(t, s.face, watchAccounts, lines, func(m *identityv1.WatchAccountsResponse) bool {
		if name := m.GetAccount().GetName(); name != "" {
			there[name] = !m.GetDeleted()
		}
		return (m.GetSynced() || m.GetDeleted()) && !there["organizations/acme/accounts/main"] && !there["organizations/acme/accounts/later"]
	})
	must(t, s.face, http.MethodDelete, organization, "", new(identityv1.Organization))
	for name, service := range s.services {
		require.True(t, service.Alive(), "%s ended: %s", name, service.Output())
	}
}
