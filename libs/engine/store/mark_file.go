package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
)

// readMarks reads a file of marks, by bucket. A file that does not exist, or an empty
// name, has no marks.
func readMarks(file string) (map[string]Mark, error) {
	marks := make(map[string]Mark)
	if file == "" {
		return marks, nil
	}
	content, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return marks, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read high-water marks: %w", err)
	}
	if err := json.Unmarshal(content, &marks); err != nil {
		return nil, fmt.Errorf("read high-water marks: %s: %w", file, err)
	}
	return marks, nil
}

// writeMarks replaces the file of marks. Replicas on one machine may share the file: for
// each bucket the higher revision of one creation and acceptance wins, and otherwise
// the mark of this process.
func writeMarks(file string, marks map[string]Mark) error {
	merged := maps.Clone(marks)
	others, err := readMarks(file)
	if err != nil {
		return err
	}
	for bucket, other := range others {
		mark, ok := merged[bucket]
		same := mark.Created.Equal(other.Created) && mark.Accepted.Equal(other.Accepted)
		if !ok || same && other.Revision > mark.Revision {
			merged[bucket] = other
		}
	}
	content, err := json.MarshalIndent(merged, "", "  ")
	if err != nil {
		return fmt.Errorf("encode high-water marks: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return fmt.Errorf("write high-water marks: %w", err)
	}
	draft, err := os.CreateTemp(filepath.Dir(file), ".high-water-*") // CreateTemp creates it with mode 0600.
	if err != nil {
		return fmt.Errorf("write high-water marks: %w", err)
	}
	defer func() { _ = os.Remove(draft.Name()) }()
	_, err = draft.Write(content)
	if err := errors.Join(err, draft.Close(), os.Rename(draft.Name(), file)); err != nil {
		return fmt.Errorf("write high-water marks: %w", err)
	}
	return nil
}
