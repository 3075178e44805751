package cluster_test

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/topology"
)

// admin runs `skep admin` with the arguments on the servers.
func (s *servers) admin(t *testing.T, arguments ...string) {
	t.Helper()
	command := exec.Command(programs.Path("skep"), append([]string{"admin", "--nats=" + s.urls(0)}, arguments...)...)
	command.Env = append(os.Environ(), passwords()...)
	output, err := command.CombinedOutput()
	require.NoError(t, err, "%s", output)
}

func TestABackupIsRestoredToThreeOtherServers(t *testing.T) {
	t.Parallel()
	lost := newServers(t)
	a := serve(t, lost)
	a.call(t, http.MethodPut, "/v1/organizations/acme", `{"spec": {"displayName": "Acme"}}`)
	a.call(t, http.MethodPut, accounts+"/before", `{"spec": {"awsAccountId": "111122223334"}}`)
	file := filepath.Join(t.TempDir(), "backup")
	lost.admin(t, "backup", file)
	a.call(t, http.MethodPut, accounts+"/after", `{"spec": {"awsAccountId": "111122223335"}}`)
	for i := range size {
		lost.all[i].Kill()
	}

	s := newServers(t)
	s.admin(t, "restore", file, fmt.Sprintf("--replicas=%d", size))
	s.admin(t, "accept")
	a = serve(t, s)
	require.Equal(t, []string{"before"}, a.accounts(t), "the accounts are not those of the backup")
	for _, service := range topology.Suite() {
		s.requireReplicas(t, service.Name)
	}
	s.all[s.leader(t, "identity", "KV_identity")].Kill()
	a.call(t, http.MethodPut, accounts+"/again", `{"spec": {"awsAccountId": "111122223336"}}`)
	require.Equal(t, []string{"again", "before"}, a.accounts(t))
}

// requireReplicas requires that every stream of a service has a replica on each server.
func (s *servers) requireReplicas(t *testing.T, service string) {
	t.Helper()
	nc, err := store.Dial(s.urls(0), topology.Admin(service), password(topology.Admin(service)))
	require.NoError(t, err)
	defer nc.Close()
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	streams := js.ListStreams(t.Context())
	var names []string
	for info := range streams.Info() {
		names = append(names, info.Config.Name)
		require.Equal(t, size, info.Config.Replicas, "stream %s of %s", info.Config.Name, service)
	}
	require.NoError(t, streams.Err())
	require.NotEmpty(t, names)
}
