package backup

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/skep-dev/skep/libs/platform/bus"
	"github.com/skep-dev/skep/libs/platform/topology"
)

// Take writes the state of an installation to a file with mode 0600, completely or not at all. Services may run
// meanwhile.
func Take(ctx context.Context, admin bus.Connect, t topology.Topology, file string) (Manifest, error) {
	fail := func(err error) (Manifest, error) { return Manifest{}, fmt.Errorf("take backup: %w", err) }
	dir, err := os.MkdirTemp(filepath.Dir(file), ".skep-backup-*") // 0700
	if err != nil {
		return fail(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	manifest := Manifest{Format: format, Time: time.Now().UTC().Truncate(time.Second)}
	for _, service := range t {
		streams, err := collect(ctx, admin, service, dir)
		if err != nil {
			return fail(err)
		}
		manifest.Streams = append(manifest.Streams, streams...)
	}
	if manifest.Installation, err = installation(ctx, admin); err != nil {
		return fail(err)
	}
	draft, err := os.OpenFile(filepath.Join(dir, "archive"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fail(err)
	}
	err = pack(draft, manifest, dir)
	if err := errors.Join(err, draft.Sync(), draft.Close()); err != nil {
		return fail(err)
	}
	if err := os.Rename(draft.Name(), file); err != nil {
		return fail(err)
	}
	return manifest, nil
}

// collect takes the snapshots of one account.
func collect(ctx context.Context, admin bus.Connect, service topology.Service, dir string) ([]Stream, error) {
	nc, err := admin(service.Name)
	if err != nil {
		return nil, err
	}
	defer nc.Close()
	if err := os.MkdirAll(filepath.Join(dir, service.Name), 0o700); err != nil {
		return nil, err
	}
	var streams []Stream
	for _, name := range streamsOf(service) {
		s := Stream{Service: service.Name, Name: name}
		f, err := os.Create(filepath.Join(dir, s.file()))
		if err != nil {
			return nil, err
		}
		s.Config, s.State, err = snapshot(ctx, nc, name, f)
		if err := errors.Join(err, f.Close()); err != nil {
			return nil, err
		}
		info, err := os.Stat(f.Name())
		if err != nil {
			return nil, err
		}
		s.Messages, s.LastSequence, s.Size = s.State.Msgs, s.State.LastSeq, info.Size()
		if s.SHA256, err = checksum(f.Name()); err != nil {
			return nil, err
		}
		streams = append(streams, s)
	}
	return streams, nil
}

// installation returns the id in the state.
func installation(ctx context.Context, admin bus.Connect) (string, error) {
	nc, err := admin(installationAccount)
	if err != nil {
		return "", err
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		return "", err
	}
	stream, err := js.Stream(ctx, installationStream)
	if err != nil {
		return "", fmt.Errorf("read installation: %w", err)
	}
	last, err := stream.GetMsg(ctx, stream.CachedInfo().State.LastSeq)
	if err != nil {
		return "", fmt.Errorf("read installation: %w", err)
	}
	return string(last.Data), nil
}

// pack writes the archive: the manifest first, then the snapshots in its order.
func pack(w io.Writer, manifest Manifest, dir string) error {
	archive := tar.NewWriter(w)
	content, err := json.MarshalIndent(manifest, "", "  ")
	if err != nil {
		return fmt.Errorf("encode manifest: %w", err)
	}
	entry := func(name string, size int64) *tar.Header {
		return &tar.Header{Name: name, Mode: 0o600, Size: size, ModTime: manifest.Time, Format: tar.FormatPAX}
	}
	if err := archive.WriteHeader(entry(manifestName, int64(len(content)))); err != nil {
		return err
	}
	if _, err := archive.Write(content); err != nil {
		return err
	}
	for _, s := range manifest.Streams {
		if err := archive.WriteHeader(entry(s.file(), s.Size)); err != nil {
			return err
		}
		f, err := os.Open(filepath.Join(dir, s.file()))
		if err != nil {
			return err
		}
		_, err = io.Copy(archive, f)
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	return archive.Close()
}
