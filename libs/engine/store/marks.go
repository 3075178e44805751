package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"time"
)

// saveAfter is how long a mark may be ahead of its file. A process that is killed
// remembers a second less: no copy of a store is that fresh.
const saveAfter = time.Second

// readMarks reads a file of marks. One that is not there holds none.
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

// save plans to write the file. The lock is held.
func (h *HighWaterMark) save() {
	if h.file == "" || h.saving != nil {
		return
	}
	h.saving = time.AfterFunc(saveAfter, func() {
		if err := h.Save(); err != nil {
			slog.Warn("save high-water marks", "error", err)
		}
	})
}

// Save writes what is not written yet.
func (h *HighWaterMark) Save() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.saving == nil {
		return nil
	}
	h.saving.Stop()
	h.saving = nil
	return writeMarks(h.file, h.marks)
}

// writeMarks replaces the file of marks. Replicas on one machine may share it: of
// two that write at once the higher mark of each bucket stays, or that of the later.
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
	draft, err := os.CreateTemp(filepath.Dir(file), ".high-water-*") // CreateTemp makes it 0600.
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
