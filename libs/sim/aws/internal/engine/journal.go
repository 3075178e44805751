package engine

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

// change is the effect of one call on one resource. Exactly one of Put, Delete and Past is set.
type change struct {
	Type string `json:",omitempty"`
	Scope
	Put    json.RawMessage `json:",omitempty"` // the resource as it is now
	Delete string          `json:",omitempty"` // the id of the deleted resource
	At     time.Time       `json:",omitzero"`  // when it was deleted
	Past   *LedgerEntry    `json:",omitempty"` // the ledger entry of a resource that was deleted before the snapshot
}

// journal is a file of lines. Each line holds all changes of one call as JSON, so that a call is in the file completely
// or not at all.
type journal struct{ file *os.File }

// openJournal reads the state from the file, and replaces the file by a snapshot of it.
func openJournal(path string, e *Engine) (*journal, error) {
	if err := replay(path, e); err != nil {
		return nil, err
	}
	fresh, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return nil, err
	}
	j := &journal{file: fresh}
	if err := errors.Join(j.append(e.snapshot()), fresh.Sync(), os.Rename(fresh.Name(), path)); err != nil {
		return nil, errors.Join(err, fresh.Close(), os.Remove(fresh.Name()))
	}
	return j, nil
}

// replay applies every complete line. A last line without a line end was being written when the process died; its call
// was never answered.
func replay(path string, e *Engine) error {
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
		if err == nil {
			err = e.replayLine(line)
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
}

// replayLine applies the changes of one call.
func (e *Engine) replayLine(line []byte) error {
	var changes []change
	if err := json.Unmarshal(line, &changes); err != nil {
		return err
	}
	for _, ch := range changes {
		if ch.Past != nil {
			e.ledger.restore(ch.Past)
			continue
		}
		t, ok := e.catalog.types[ch.Type]
		if !ok {
			return fmt.Errorf("resource type %s is unknown", ch.Type)
		}
		if err := t.replay(e, ch.Scope, ch); err != nil {
			return err
		}
	}
	return nil
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

// snapshot returns the complete state as changes: the ledger entries of deleted resources, then all resources.
func (e *Engine) snapshot() []change {
	var changes []change
	for _, entry := range e.ledger.entries {
		if !entry.DeletedAt.IsZero() {
			changes = append(changes, change{Past: entry})
		}
	}
	for key, t := range e.tables {
		for _, put := range t.(interface {
			encoded(time.Time) []json.RawMessage
		}).encoded(e.now()) {
			changes = append(changes, change{Type: key.resourceType, Scope: key.Scope, Put: put})
		}
	}
	return changes
}

// encode panics on an error, which plain structs never cause.
func encode[T Attributes](r *Resource[T]) json.RawMessage {
	text, err := json.Marshal(r)
	if err != nil {
		panic(fmt.Sprintf("awssim: encode %T: %v", r.Data, err))
	}
	return text
}
