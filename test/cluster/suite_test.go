package cluster_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"

	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"

	"github.com/skep-dev/skep/test/program"
)

const accounts = "/v1/organizations/acme/accounts"

// api calls the REST API of a gateway on the servers.
type api struct{ url, token string }

// serve runs identity and the gateway on the servers until the test ends.
func serve(t *testing.T, s *servers) api {
	t.Helper()
	dir, installation := t.TempDir(), s.provision(t)
	environment := func(name string, more ...string) []string {
		return append([]string{
			"SKEP_LISTEN=127.0.0.1:0", "SKEP_LISTEN_REST=127.0.0.1:0", "SKEP_INSTALLATION=" + installation,
			"SKEP_NATS_URL=" + s.urls(0), "SKEP_NATS_PASSWORD=" + password(name),
			"SKEP_HIGH_WATER_MARK=" + filepath.Join(dir, "high-water"), "SKEP_TOKEN_FILE=" + filepath.Join(dir, "admin.token"), "SKEP_SEAL_KEY=" + filepath.Join(dir, "seal.key"),
			// The test does not call AWS.
			"SKEP_AWS_ENDPOINT=http://" + unreachable, "AWS_ACCESS_KEY_ID=nobody", "AWS_SECRET_ACCESS_KEY=nothing", "AWS_EC2_METADATA_DISABLED=true",
		}, more...)
	}
	identity := program.Start(t, exec.Command(programs.Path("identity")), environment("identity")...)
	address := identity.Await(t, `serving grpc.* address=(127\.0\.0\.1:\d+)`)
	gateway := program.Start(t, exec.Command(programs.Path("gateway")), environment("gateway", "SKEP_TARGET_IDENTITY="+address)...)
	url := "http://" + gateway.Await(t, `serving rest.* address=(127\.0\.0\.1:\d+)`)
	token, err := os.ReadFile(filepath.Join(dir, "admin.token"))
	require.NoError(t, err)
	return api{url: url, token: strings.TrimSpace(string(token))}
}

// call calls the API and retries while it answers 503 or 504. It returns the number of
// retries as refusals.
func (a api) call(t *testing.T, method, path, body string) (text []byte, refusals int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), waitTimeout)
	defer cancel()
	for {
		request, err := http.NewRequestWithContext(ctx, method, a.url+path, strings.NewReader(body))
		require.NoError(t, err)
		request.Header.Set("Authorization", "Bearer "+a.token)
		answer, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		text, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		switch answer.StatusCode {
		case http.StatusOK:
			return text, refusals
		case http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			refusals++
		default:
			require.Fail(t, "the request was refused", "%s %s: %s: %s", method, path, answer.Status, text)
		}
	}
}

func TestTheSuiteWorksWhileOneServerIsDown(t *testing.T) {
	t.Parallel()
	s := newServers(t)
	a := serve(t, s)
	a.call(t, http.MethodPut, "/v1/organizations/acme", `{"spec": {"displayName": "Acme"}}`)
	number := 111122223333
	declare := func(id string) int {
		number++
		_, refusals := a.call(t, http.MethodPut, accounts+"/"+id, fmt.Sprintf(`{"spec": {"awsAccountId": "%d"}}`, number))
		return refusals
	}
	require.Zero(t, declare("before"))
	for i := range size {
		s.all[i].Kill()
		t.Logf("with %s down, an account was created after %d refusals", s.all[i].name, declare(fmt.Sprintf("without-%d", i)))
		s.start(i)
	}
	require.Equal(t, []string{"before", "without-0", "without-1", "without-2"}, a.accounts(t))
}

// accounts returns the ids of all accounts.
func (a api) accounts(t *testing.T) []string {
	t.Helper()
	text, _ := a.call(t, http.MethodGet, accounts, "")
	list := new(identityv1.ListAccountsResponse)
	require.NoError(t, protojson.Unmarshal(text, list))
	var names []string
	for _, account := range list.GetAccounts() {
		names = append(names, account.GetName()[strings.LastIndexByte(account.GetName(), '/')+1:])
	}
	return names
}
