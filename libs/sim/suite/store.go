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

// Snapshot copies the files of the store as they are now and returns where to. The
// store is away for a moment, as if it was restarted.
func (w *Suite) Snapshot() string {
	w.t.Helper()
	copied := filepath.Join(w.t.TempDir(), "store")
	w.restart(func(dir string) error { return os.CopyFS(copied, os.DirFS(dir)) })
	return copied
}

// Rollback puts the files of a snapshot in place of those of the store. Replicas
// that run notice no more than a restart.
func (w *Suite) Rollback(snapshot string) {
	w.t.Helper()
	w.restart(func(dir string) error {
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
		return os.CopyFS(dir, os.DirFS(snapshot))
	})
}

// LoseStore kills every replica and empties the store. Nothing runs until StartAll,
// and the store has no streams until somebody makes them.
func (w *Suite) LoseStore() {
	w.t.Helper()
	w.KillAll()
	w.restart(os.RemoveAll)
}

// Reinstall makes the streams of an empty store, for another installation.
func (w *Suite) Reinstall(installation string) {
	w.t.Helper()
	w.options.Installation = installation
	w.provision()
	w.Host = host.New(w.hosting())
	w.StartAll()
}

// provision makes the streams and says whose they are.
func (w *Suite) provision() {
	w.t.Helper()
	ctx := context.Background()
	require.NoError(w.t, bus.Provision(ctx, w.nats.ConnectAdmin, topology.Suite(), 1))
	admin, err := w.nats.ConnectAdmin("gateway")
	require.NoError(w.t, err)
	defer admin.Close()
	installation, err := bus.Found(ctx, admin, 1, w.options.Installation)
	require.NoError(w.t, err)
	require.NoError(w.t, bus.Own(ctx, w.nats.ConnectAdmin, topology.Suite(), installation))
}

// RestartStore stops the store and starts it again on its files.
func (w *Suite) RestartStore() {
	w.t.Helper()
	w.restart(func(string) error { return nil })
}

func (w *Suite) restart(meanwhile func(dir string) error) {
	w.t.Helper()
	require.NoError(w.t, w.nats.Restart(context.Background(), meanwhile))
}

// KillAll kills every replica of every service.
func (w *Suite) KillAll() {
	for name := range w.options.Services {
		for _, instance := range w.Running(name) {
			w.Kill(instance)
		}
	}
}

// StartAll starts one replica of every service.
func (w *Suite) StartAll() {
	w.t.Helper()
	for name := range w.options.Services {
		w.Start(name)
	}
}

// ConnectAdmin connects to the bus as the administrator of a service's account.
func (w *Suite) ConnectAdmin() bus.Connect { return w.nats.ConnectAdmin }
