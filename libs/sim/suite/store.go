package suite

import (
	"context"
	"os"
	"path/filepath"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/engine/host"
	"github.com/skep-dev/skep/libs/platform/bus"
	"github.com/skep-dev/skep/libs/platform/topology"
)

// Snapshot copies the files of the store and returns the directory of the copy. The
// store restarts for the copy.
func (s *Suite) Snapshot() string {
	s.t.Helper()
	copied := filepath.Join(s.t.TempDir(), "store")
	s.restart(func(dir string) error { return os.CopyFS(copied, os.DirFS(dir)) })
	return copied
}

// Rollback replaces the files of the store with those of a snapshot. Running replicas
// see only a restart.
func (s *Suite) Rollback(snapshot string) {
	s.t.Helper()
	s.restart(func(dir string) error {
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
		return os.CopyFS(dir, os.DirFS(snapshot))
	})
}

// LoseStore kills every replica and empties the store. No replica runs until StartAll,
// and the store has no streams until Reinstall or a restore creates them.
func (s *Suite) LoseStore() {
	s.t.Helper()
	s.KillAll()
	s.restart(os.RemoveAll)
}

// Reinstall creates the streams of an empty store for another installation and starts
// one replica of every service.
func (s *Suite) Reinstall(installation string) {
	s.t.Helper()
	s.options.Installation = installation
	s.provision()
	s.Host = host.New(s.hosting())
	s.StartAll()
}

// provision creates the streams and stores the installation that owns them.
func (s *Suite) provision() {
	s.t.Helper()
	ctx := context.Background()
	require.NoError(s.t, bus.Provision(ctx, s.nats.ConnectAdmin, topology.Suite(), 1))
	admin, err := s.nats.ConnectAdmin("gateway")
	require.NoError(s.t, err)
	defer admin.Close()
	installation, err := bus.InstallationWithID(ctx, admin, 1, s.options.Installation)
	require.NoError(s.t, err)
	require.NoError(s.t, bus.RecordInstallation(ctx, s.nats.ConnectAdmin, topology.Suite(), installation))
}

// RestartStore stops the store and starts it again on its files.
func (s *Suite) RestartStore() {
	s.t.Helper()
	s.restart(func(string) error { return nil })
}

func (s *Suite) restart(meanwhile func(dir string) error) {
	s.t.Helper()
	require.NoError(s.t, s.nats.Restart(context.Background(), meanwhile))
}

// KillAll kills every replica of every service.
func (s *Suite) KillAll() {
	for name := range s.options.Services {
		for _, instance := range s.Running(name) {
			s.Kill(instance)
		}
	}
}

// StartAll starts one replica of every service.
func (s *Suite) StartAll() {
	s.t.Helper()
	for name := range s.options.Services {
		s.Start(name)
	}
}

// ConnectAdmin returns the function that connects to NATS as the administrator of a
// service's NATS account.
func (s *Suite) ConnectAdmin() bus.Connect { return s.nats.ConnectAdmin }
