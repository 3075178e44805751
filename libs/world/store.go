package world

import (
	"context"
	"os"
	"path/filepath"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/bus"
	"github.com/skep-dev/skep/libs/host"
)

// Snapshot copies the files of the store as they are now and returns where to. The
// store is away for a moment, as if it was restarted.
func (w *World) Snapshot() string {
	w.t.Helper()
	copied := filepath.Join(w.t.TempDir(), "store")
	w.restart(func(dir string) error { return os.CopyFS(copied, os.DirFS(dir)) })
	return copied
}

// Rollback puts the files of a snapshot in place of those of the store. Replicas
// that run notice no more than a restart.
func (w *World) Rollback(snapshot string) {
	w.t.Helper()
	w.restart(func(dir string) error {
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
		return os.CopyFS(dir, os.DirFS(snapshot))
	})
}

// LoseStore empties the store and makes it anew for another installation, with
// replicas of every service that know nothing of before.
func (w *World) LoseStore(installation string) {
	w.t.Helper()
	w.KillAll()
	w.restart(os.RemoveAll)
	require.NoError(w.t, bus.Provision(context.Background(), w.nats.ConnectAdmin, bus.Suite(), 1))
	w.options.Installation = installation
	w.Host.Close()
	w.Host = host.New(w.hosting())
	w.StartAll()
}

// RestartStore stops the store and starts it again on its files.
func (w *World) RestartStore() {
	w.t.Helper()
	w.restart(func(string) error { return nil })
}

func (w *World) restart(meanwhile func(dir string) error) {
	w.t.Helper()
	require.NoError(w.t, w.nats.Restart(context.Background(), meanwhile))
}

// KillAll kills every replica of every service.
func (w *World) KillAll() {
	for name := range w.options.Services {
		for _, instance := range w.Running(name) {
			w.Kill(instance)
		}
	}
}

// StartAll starts one replica of every service.
func (w *World) StartAll() {
	w.t.Helper()
	for name := range w.options.Services {
		w.Start(name)
	}
}

// ConnectAdmin connects to the bus as the administrator of a service's account.
func (w *World) ConnectAdmin() bus.Connect { return w.nats.ConnectAdmin }
