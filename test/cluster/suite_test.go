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

// api is the REST face of a gateway that runs on the servers.
type api struct{ url, token string }

// serve runs identity and the gateway on the servers until the test ends.
func serve(t *testing.T, s *servers) api {
	t.Helper()
	folder, installation := t.TempDir(), s.provision(t)
	environment := func(name string, more ...string) []string {
		return append([]string{
			"SKEP_LISTEN=127.0.0.1:0", "SKEP_LISTEN_REST=127.0.0.1:0", "SKEP_INSTALLATION=" + installation,
			"SKEP_NATS_URL=" + s.urls(0), "SKEP_NATS_PASSWORD=" + password(name),
			"SKEP_HIGH_WATER_MARK=" + filepath.Join(folder, "high-water"), "SKEP_TOKEN_FILE=" + filepath.Join(folder, "admin.token"), "SKEP_SEAL_KEY=" + filepath.Join(folder, "seal.key"),
			// No AWS is asked for anything: this address answers nobody.
			"SKEP_AWS_ENDPOINT=http://" + nowhere, "AWS_ACCESS_KEY_ID=nobody", "AWS_SECRET_ACCESS_KEY=nothing", "AWS_EC2_METADATA_DISABLED=true",
		}, more...)
	}
	identity := program.Start(t, exec.Command(programs.Path("identity")), environment("identity")...)
	address := identity.Await(t, `serving grpc.* address=(127\.0\.0\.1:\d+)`)
	gateway := program.Start(t, exec.Command(programs.Path("gateway")), environment("gateway", "SKEP_TARGET_IDENTITY="+address)...)
	url := "http://" + gateway.Await(t, `serving rest.* address=(127\.0\.0\.1:\d+)`)
	token, err := os.ReadFile(filepath.Join(folder, "admin.token"))
	require.NoError(t, err)
	return api{url: url, token: strings.TrimSpace(string(token))}
}

// call calls the API, and again for as long as it says that it cannot answer now.
// It returns how often it said so.
func (a api) call(t *testing.T, method, path, body string) (text []byte, refusals int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
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
			require.Fail(t, "refused", "%s %s: %s: %s", method, path, answer.Status, text)
		}
	}
}

func TestTheSuiteGoesOnWhileOneOfItsServersIsDown(t *testing.T) {
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
		t.Logf("with %s down an account was declared after %d refusals", s.all[i].name, declare(fmt.Sprintf("without-%d", i)))
		s.start(i)
	}
	require.Equal(t, []string{"before", "without-0", "without-1", "without-2"}, a.accounts(t))
}

// accounts are the ids of all accounts.
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
