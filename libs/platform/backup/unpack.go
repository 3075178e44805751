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

// Read returns the manifest of a backup after it has checked the whole archive.
func Read(file string) (Manifest, error) {
	dir, err := os.MkdirTemp("", "skep-backup-*")
	if err != nil {
		return Manifest{}, fmt.Errorf("read backup: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	return unpack(file, dir)
}

// unpack checks an archive and writes its snapshots to a directory. It writes only files that the manifest lists, so
// no name leads out of the directory.
func unpack(file, dir string) (Manifest, error) {
	f, err := os.Open(file)
	if err != nil {
		return Manifest{}, fault.Invalidf("cannot read the backup: %s", err).Because(err)
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
		return Manifest{}, damaged(file, errors.New("it contains more files than its manifest lists"))
	}
	return manifest, nil
}

// damaged returns the fault for an archive that differs from what Take wrote.
func damaged(file string, err error) error {
	return fault.Fault{Kind: fault.Invalid, Class: fault.Configuration, Message: fmt.Sprintf("%s is not a complete backup: %s", file, err),
		Remedy: "Use another backup. Nothing was changed."}.Because(err)
}

func readManifest(archive *tar.Reader) (Manifest, error) {
	header, err := archive.Next()
	if err != nil {
		return Manifest{}, err
	}
	if header.Name != manifestName {
		return Manifest{}, fmt.Errorf("its first file is %q, not %s", header.Name, manifestName)
	}
	var manifest Manifest
	if err := json.NewDecoder(archive).Decode(&manifest); err != nil {
		return Manifest{}, fmt.Errorf("read manifest: %w", err)
	}
	if manifest.Format != format {
		return Manifest{}, fmt.Errorf("its format is %d, this version of Skep reads %d", manifest.Format, format)
	}
	return manifest, nil
}

// extract checks one snapshot and writes it to the directory.
func extract(archive *tar.Reader, s Stream, dir string) error {
	if !filepath.IsLocal(s.file()) {
		return fmt.Errorf("the name %q leads out of the archive", s.file())
	}
	header, err := archive.Next()
	if err != nil {
		return fmt.Errorf("%s is missing: %w", s.file(), err)
	}
	if header.Name != s.file() || header.Size != s.Size {
		return fmt.Errorf("found %s of %d bytes instead of %s of %d bytes", header.Name, header.Size, s.file(), s.Size)
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
		return fmt.Errorf("%s was changed: its checksum is %s, expected %s", s.file(), sum, s.SHA256)
	}
	return nil
}
