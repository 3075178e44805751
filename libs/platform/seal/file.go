package seal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"
)

// Open reads the key in a file. If the file does not exist, Open creates it with a new key and mode 0600. A file that
// other users can read is an error. Concurrent processes get the same key.
func Open(path string) (*Key, error) {
	key, err := read(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := write(path); err != nil {
		return nil, fmt.Errorf("create sealing key: %w", err)
	}
	return read(path)
}

func read(path string) (*Key, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read sealing key: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("read sealing key: %s can be read by others: change its mode to 0600, and seal all secrets again with a new key if another user may have read it", path)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read sealing key: %w", err)
	}
	identity, err := age.ParseX25519Identity(strings.TrimSpace(string(content)))
	if err != nil {
		// The error of age may quote the key.
		return nil, fmt.Errorf("read sealing key: %s does not hold an age identity", path)
	}
	return &Key{identity: identity}, nil
}

// write writes a key under a temporary name and links it to path, so that no process reads half a key and the first
// of two writers wins.
func write(path string) error {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	draft, err := os.CreateTemp(filepath.Dir(path), ".seal-*") // CreateTemp sets mode 0600.
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(draft.Name()) }()
	_, err = draft.WriteString(identity.String() + "\n")
	if err := errors.Join(err, draft.Sync(), draft.Close()); err != nil {
		return err
	}
	if err := os.Link(draft.Name(), path); !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
