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
	"github.com/skep-dev/skep/libs/platform/topology"
)

// Options configure a restore.
type Options struct {
	// Replicas is the number of servers that store each stream; see [bus.Provision].
	Replicas int
	// Force replaces a state that is not empty. Its content is lost, except for the audit lines.
	Force bool
}

// Restore replaces the state with a backup. The state must be empty unless o.Force is set. Restore checks the whole
// archive before it changes anything. Services that run on the state or start on it change nothing until an operator
// accepts it.
func Restore(ctx context.Context, admin bus.Connect, t topology.Topology, file string, o Options) (Manifest, error) {
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
	if err := errors.Join(r.checkServices(), r.checkEmpty(ctx, o.Force)); err != nil {
		return Manifest{}, err
	}
	if err := errors.Join(r.clear(ctx, t), r.restoreAll(ctx)); err != nil {
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
	// replicas is the number of servers that store a stream; it may differ from the number at the time of the backup.
	replicas int
}

// metadata returns the metadata of restored streams.
func (r restorer) metadata() map[string]string {
	return map[string]string{streammeta.Restored: r.manifest.String(), streammeta.Installation: r.manifest.Installation}
}

// checkServices refuses a backup with a service that is not in the suite.
func (r restorer) checkServices() error {
	for _, s := range r.manifest.Streams {
		if r.accounts[s.Service] == nil {
			return fault.Invalidf("the backup contains stream %s of %s, and that service does not exist", s.Name, s.Service)
		}
	}
	return nil
}

// checkEmpty refuses to replace records without force.
func (r restorer) checkEmpty(ctx context.Context, force bool) error {
	for _, s := range r.manifest.Streams {
		existing, err := find(ctx, r.accounts[s.Service], s.Name)
		if err != nil {
			return err
		}
		if existing != nil && existing.State.Msgs > 0 && isState(s.Name) && s.Name != installationStream && !force {
			return fault.Preconditionf("Restore into an empty store, or use --force if its content may be lost.",
				"the store is not empty: stream %s of %s contains %d messages", s.Name, s.Service, existing.State.Msgs)
		}
	}
	return nil
}

// clear deletes the streams that are restored or created again: state, mirrors and leases.
func (r restorer) clear(ctx context.Context, t topology.Topology) error {
	for _, service := range t {
		names := append(streamsOf(service), "KV_"+bus.Leases)
		for _, read := range service.Reads {
			names = append(names, "KV_"+t.Bucket(read.Service))
		}
		for _, name := range names {
			if !isState(name) {
				continue
			}
			if err := deleteStream(ctx, r.accounts[service.Name], name); err != nil {
				return fmt.Errorf("account of %s: %w", service.Name, err)
			}
		}
	}
	return nil
}

// restoreAll creates the streams from their snapshots. Buckets carry the metadata of a restore from the start, so
// that no service takes them for the newest state even for a moment.
func (r restorer) restoreAll(ctx context.Context) error {
	for _, s := range r.manifest.Streams {
		existing, err := find(ctx, r.accounts[s.Service], s.Name)
		if err != nil {
			return err
		}
		if existing != nil && existing.State.Msgs > 0 {
			continue // existing audit lines stay
		}
		if err := deleteStream(ctx, r.accounts[s.Service], s.Name); err != nil {
			return err
		}
		if isState(s.Name) {
			merged := maps.Clone(s.Config.Metadata)
			if merged == nil {
				merged = make(map[string]string)
			}
			maps.Copy(merged, r.metadata())
			s.Config.Metadata = merged
		}
		s.Config.Replicas = r.replicas
		if err := r.restoreOne(ctx, s); err != nil {
			return fmt.Errorf("account of %s: %w", s.Service, err)
		}
	}
	return nil
}

func (r restorer) restoreOne(ctx context.Context, s Stream) error {
	f, err := os.Open(filepath.Join(r.dir, s.file()))
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	return restore(ctx, r.accounts[s.Service], s.Config, s.State, f)
}
