package engine

import "time"

// Attributes is the data of one resource that its type defines. Implementations are plain structs with exported fields,
// because the journal keeps them as JSON.
type Attributes interface {
	// Owner is the id of the resource that contains this one, or "" if it stands alone. ResourceType.OwnedBy finds
	// resources by it.
	Owner() string

	// Summary is the text that Engine.String shows after type and name. It refers to other resources by name(id), and
	// contains neither ids nor times, so that equal set-ups have equal texts.
	Summary(name func(id string) string) string
}

// Named is implemented by attributes that have a name other than the Name tag.
type Named interface{ DisplayName() string }

// Resource is one resource.
type Resource[T Attributes] struct {
	Metadata
	Data T
}

// Name is the Name tag, or the name that AWS knows the resource by, or "?".
func (r *Resource[T]) Name() string {
	if name := r.Tags["Name"]; name != "" {
		return name
	}
	if n, ok := any(r.Data).(Named); ok && n.DisplayName() != "" {
		return n.DisplayName()
	}
	return "?"
}

// Metadata is common to all resources. The times make the life cycle: pending until ReadyAt, then available; once
// DeletedAt is set, deleting until DeletedAt, then deleted until GoneAt, when the resource becomes invisible. A zero
// ReadyAt means ready at once; a zero DeletedAt or GoneAt means never.
type Metadata struct {
	ID        string
	Seq       uint64
	Tags      map[string]string `json:",omitempty"`
	CreatedAt time.Time
	CreatedBy string
	ReadyAt   time.Time `json:",omitzero"`
	DeletedAt time.Time `json:",omitzero"`
	GoneAt    time.Time `json:",omitzero"`

	// FormerTags are the tags before TaggedAt. Reads show them until the lag of tags has passed.
	FormerTags map[string]string `json:",omitempty"`
	TaggedAt   time.Time         `json:",omitzero"`
}

// Ready reports whether ReadyAt has passed.
func (m *Metadata) Ready(now time.Time) bool { return !now.Before(m.ReadyAt) }

// Deleting reports whether a delete has begun. It stays true after the delete is complete.
func (m *Metadata) Deleting() bool { return !m.DeletedAt.IsZero() }

// Deleted reports whether a delete is complete.
func (m *Metadata) Deleted(now time.Time) bool { return m.Deleting() && !now.Before(m.DeletedAt) }

// Gone reports whether reads have ceased to show the resource.
func (m *Metadata) Gone(now time.Time) bool { return !m.GoneAt.IsZero() && !now.Before(m.GoneAt) }

// State is pending, available, deleting or deleted.
func (m *Metadata) State(now time.Time) string {
	switch {
	case m.Deleted(now):
		return "deleted"
	case m.Deleting():
		return "deleting"
	case !m.Ready(now):
		return "pending"
	}
	return "available"
}
