package backup

import (
	"archive/tar"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// Read returns the manifest of a backup, after it has checked all of it.
func Read(file string) (Manifest, error) {
	dir, err := os.MkdirTemp("", "skep-backup-*")
	if err != nil {
		return Manifest{}, fmt.Errorf("read backup: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	return unpack(file, dir)
}

// unpack checks an archive and leaves its snapshots in a directory. Nothing that
// the manifest does not list is written, so that no name leads out of it.
func unpack(file, dir string) (Manifest, error) {
	f, err := os.Open(file)
	if err != nil {
		return Manifest{}, fault.Invalidf("the backup cannot be read: %s", err).Because(err)
	}
	defer func() { _ = f.Close() }()
	archive := tar.NewReader(f)
	manifest, err := readManifest(archive)
	if err != nil {
		return Manifest{}, damaged(file, err)
	}
	for _, s := range manifest.Streams {
		if err := extract(archive, s, dir); err != nil {
			return Manifest{}, damaged(file, err)
		}
	}
	if _, err := archive.Next(); !errors.Is(err, io.EOF) {
		return Manifest{}, damaged(file, errors.New("it holds more than its manifest says"))
	}
	return manifest, nil
}

// damaged says that an archive is not what Take wrote.
func damaged(file string, err error) error {
	return fault.Fault{Kind: fault.Invalid, Class: fault.Configuration, Message: fmt.Sprintf("%s is no whole backup: %s", file, err),
		Remedy: "Take another backup; nothing was changed."}.Because(err)
}

func readManifest(archive *tar.Reader) (Manifest, error) {
	header, err := archive.Next()
	if err != nil {
		return Manifest{}, err
	}
	if header.Name != manifestName {
		return Manifest{}, fmt.Errorf("it begins with %q and not with %s", header.Name, manifestName)
	}
	var manifest Manifest
	if err := json.NewDecoder(archive).Decode(&manifest); err != nil {
		return Manifest{}, fmt.Errorf("read manifest: %w", err)
	}
	if manifest.Format != format {
		return Manifest{}, fmt.Errorf("its format is %d, and this version reads %d", manifest.Format, format)
	}
	return manifest, nil
}

// extract checks one snapshot and leaves it in the directory.
func extract(archive *tar.Reader, s Stream, dir string) error {
	if !filepath.IsLocal(s.file()) {
		return fmt.Errorf("the name %q leads elsewhere", s.file())
	}
	header, err := archive.Next()
	if err != nil {
		return fmt.Errorf("%s is missing: %w", s.file(), err)
	}
	if header.Name != s.file() || header.Size != s.Size {
		return fmt.Errorf("%s of %d bytes is in the place of %s of %d", header.Name, header.Size, s.file(), s.Size)
	}
	path := filepath.Join(dir, s.file())
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, archive)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("%s: %w", s.file(), err)
	}
	sum, err := checksum(path)
	if err != nil {
		return err
	}
	if sum != s.SHA256 {
		return fmt.Errorf("%s was changed: its checksum is %s and ought to be %s", s.file(), sum, s.SHA256)
	}
	return nil
}
