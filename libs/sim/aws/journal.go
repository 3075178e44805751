package aws

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// change is what one call did to one thing.
type change struct {
	Kind string
	scope
	Put    json.RawMessage `json:",omitempty"` // the row as it is now
	Delete string          `json:",omitempty"` // or the id of the row that ended
	At     time.Time       `json:",omitzero"`  // when it ended
	Was    *Entry          `json:",omitempty"` // or what the ledger says of one that is no more
}

// journal is a file of lines, one for each call that changed anything: all its changes, so that a call is there as a
// whole or not at all.
type journal struct{ file *os.File }

// openJournal reads a world from the file, and writes it anew without what is no more.
func openJournal(path string, w *World) (*journal, error) {
	if err := replay(path, w); err != nil {
		return nil, err
	}
	fresh, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return nil, err
	}
	j := &journal{file: fresh}
	if err := errors.Join(j.append(w.snapshot()), fresh.Sync(), os.Rename(fresh.Name(), path)); err != nil {
		return nil, errors.Join(err, fresh.Close(), os.Remove(fresh.Name()))
	}
	return j, nil
}

// replay applies every whole line. A last line without its end was being written when the process died, and its call
// was never answered.
func replay(path string, w *World) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	lines := bufio.NewReader(file)
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		var changes []change
		if err := json.Unmarshal(line, &changes); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		for _, ch := range changes {
			if ch.Was != nil {
				w.ledger.restore(ch.Was)
				continue
			}
			k, ok := kinds[ch.Kind]
			if !ok {
				return fmt.Errorf("line %d: kind %s is unknown", n, ch.Kind)
			}
			if err := k.replay(w, ch.scope, ch); err != nil {
				return fmt.Errorf("line %d: %w", n, err)
			}
		}
	}
}

// append writes the changes of one call.
func (j *journal) append(changes []change) error {
	if len(changes) == 0 {
		return nil
	}
	var line bytes.Buffer
	if err := json.NewEncoder(&line).Encode(changes); err != nil {
		return err
	}
	_, err := j.file.Write(line.Bytes())
	return err
}

func (j *journal) close() error { return j.file.Close() }

// snapshot is the whole world as changes: what was, then what is.
func (w *World) snapshot() []change {
	var changes []change
	for _, e := range w.ledger.entries {
		if !e.DeletedAt.IsZero() {
			changes = append(changes, change{Was: e})
		}
	}
	for at, t := range w.tables {
		for _, put := range t.(interface {
			encoded(time.Time) []json.RawMessage
		}).encoded(w.now()) {
			changes = append(changes, change{Kind: at.kind, scope: at.scope, Put: put})
		}
	}
	return changes
}

// encoded is every row that can still be seen.
func (t *table[T]) encoded(now time.Time) []json.RawMessage {
	var rows []json.RawMessage
	for _, r := range t.ordered {
		if !r.gone(now) {
			rows = append(rows, encode(r))
		}
	}
	return rows
}

// encode cannot fail: rows are plain structs.
func encode[T thing](r *row[T]) json.RawMessage {
	text, err := json.Marshal(r)
	if err != nil {
		panic(fmt.Sprintf("awssim: encode %T: %v", r.Data, err))
	}
	return text
}
