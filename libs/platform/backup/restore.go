package backup

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"

	"github.com/nats-io/nats.go"

	"github.com/skep-dev/skep/libs/platform/bus"
	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/libs/platform/streammeta"
)

// Options say how to restore.
type Options struct {
	// Replicas is how many servers keep each stream; see [bus.Provision].
	Replicas int
	// Force replaces a state that is not empty. What it holds is lost, but for the
	// audit lines.
	Force bool
}

// Restore puts a backup in place of the state there is, which must be empty unless
// it is to be replaced by force. The archive is checked entirely before anything
// is touched. Services that run on the state, and those that start on it, change
// nothing until it is accepted.
func Restore(ctx context.Context, admin bus.Connect, t bus.Topology, file string, o Options) (Manifest, error) {
	dir, err := os.MkdirTemp("", "skep-restore-*") // 0700
	if err != nil {
		return Manifest{}, fmt.Errorf("restore backup: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	manifest, err := unpack(file, dir)
	if err != nil {
		return Manifest{}, err
	}
	accounts := make(map[string]*nats.Conn, len(t))
	for _, service := range t {
		nc, err := admin(service.Name)
		if err != nil {
			return Manifest{}, fmt.Errorf("restore backup: %w", err)
		}
		defer nc.Close()
		accounts[service.Name] = nc
	}
	r := restorer{manifest: manifest, dir: dir, accounts: accounts, replicas: max(o.Replicas, 1)}
	if err := errors.Join(r.known(), r.vacant(ctx, o.Force)); err != nil {
		return Manifest{}, err
	}
	if err := errors.Join(r.clear(ctx, t), r.revive(ctx)); err != nil {
		return Manifest{}, fmt.Errorf("restore backup: %w", err)
	}
	if err := bus.Provision(ctx, admin, t, r.replicas); err != nil {
		return Manifest{}, fmt.Errorf("restore backup: %w", err)
	}
	if err := bus.SetMetadata(ctx, admin, t, r.metadata()); err != nil {
		return Manifest{}, fmt.Errorf("restore backup: %w", err)
	}
	return manifest, nil
}

// restorer is one restore.
type restorer struct {
	manifest Manifest
	dir      string
	accounts map[string]*nats.Conn
	// replicas is how many servers keep a stream, which need not be as many as before.
	replicas int
}

// stamp is what restored streams say of themselves.
func (r restorer) metadata() map[string]string {
	return map[string]string{streammeta.Restored: r.manifest.String(), streammeta.Installation: r.manifest.Installation}
}

// known refuses a backup of a service that is not of the suite.
func (r restorer) known() error {
	for _, s := range r.manifest.Streams {
		if r.accounts[s.Service] == nil {
			return fault.Invalidf("the backup holds stream %s of %s, and there is no such service", s.Name, s.Service)
		}
	}
	return nil
}

// vacant refuses to replace records unless by force.
func (r restorer) vacant(ctx context.Context, force bool) error {
	for _, s := range r.manifest.Streams {
		there, err := find(ctx, r.accounts[s.Service], s.Name)
		if err != nil {
			return err
		}
		if there != nil && there.State.Msgs > 0 && state(s.Name) && s.Name != installationStream && !force {
			return fault.Preconditionf("Restore into an empty store, or give --force if what it holds may be lost.",
				"the store is not empty: stream %s of %s holds %d messages", s.Name, s.Service, there.State.Msgs)
		}
	}
	return nil
}

// clear removes what is restored or made anew: state, mirrors and leases.
func (r restorer) clear(ctx context.Context, t bus.Topology) error {
	for _, service := range t {
		names := append(kept(service), "KV_"+bus.Leases)
		for _, read := range service.Reads {
			names = append(names, "KV_"+t.Bucket(read.Service))
		}
		for _, name := range names {
			if !state(name) {
				continue
			}
			if err := remove(ctx, r.accounts[service.Name], name); err != nil {
				return fmt.Errorf("account of %s: %w", service.Name, err)
			}
		}
	}
	return nil
}

// revive makes the streams from their snapshots. Buckets are born saying that they
// were restored, so that no service takes them for the newest state even for a moment.
func (r restorer) revive(ctx context.Context) error {
	for _, s := range r.manifest.Streams {
		there, err := find(ctx, r.accounts[s.Service], s.Name)
		if err != nil {
			return err
		}
		if there != nil && there.State.Msgs > 0 {
			continue // Audit lines that are there stay.
		}
		if err := remove(ctx, r.accounts[s.Service], s.Name); err != nil {
			return err
		}
		if state(s.Name) {
			said := maps.Clone(s.Config.Metadata)
			if said == nil {
				said = make(map[string]string)
			}
			maps.Copy(said, r.metadata())
			s.Config.Metadata = said
		}
		s.Config.Replicas = r.replicas
		if err := r.reviveOne(ctx, s); err != nil {
			return fmt.Errorf("account of %s: %w", s.Service, err)
		}
	}
	return nil
}

func (r restorer) reviveOne(ctx context.Context, s Stream) error {
	f, err := os.Open(filepath.Join(r.dir, s.file()))
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	return revive(ctx, r.accounts[s.Service], s.Config, s.State, f)
}
