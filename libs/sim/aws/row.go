package aws

import "time"

// thing is what a kind knows of one of its own. Implementations are plain structs with exported fields, so that they can
// be kept in a journal.
type thing interface {
	// owner is the id of the thing it lives in, or "" when it stands alone. It is what kind.of looks up.
	owner() string

	// text is what World.String shows after kind and name. It may refer to other things, by name(id), but shows neither
	// ids nor times.
	text(name func(id string) string) string
}

// named is a thing that has a name other than its Name tag.
type named interface{ name() string }

// row is one thing and what is known of it whatever its kind.
type row[T thing] struct {
	meta
	Data T
}

// meta is what every thing has. The times make its life cycle: pending until ReadyAt, then available; when DeletedAt is
// set deleting until then, and deleted until GoneAt. Zero ReadyAt means at once; zero DeletedAt and GoneAt mean never.
type meta struct {
	ID        string
	Seq       uint64
	Tags      map[string]string `json:",omitempty"`
	CreatedAt time.Time
	CreatedBy string
	ReadyAt   time.Time `json:",omitzero"`
	DeletedAt time.Time `json:",omitzero"`
	GoneAt    time.Time `json:",omitzero"`

	// Former are the tags before TaggedAt, which reads show until the new ones do.
	Former   map[string]string `json:",omitempty"`
	TaggedAt time.Time         `json:",omitzero"`
}

// byAWS is the principal of what AWS makes by itself.
const byAWS = "aws"

func (m *meta) ready(now time.Time) bool   { return !now.Before(m.ReadyAt) }
func (m *meta) deleting() bool             { return !m.DeletedAt.IsZero() }
func (m *meta) deleted(now time.Time) bool { return m.deleting() && !now.Before(m.DeletedAt) }
func (m *meta) gone(now time.Time) bool    { return !m.GoneAt.IsZero() && !now.Before(m.GoneAt) }
func (m *meta) state(now time.Time) string {
	switch {
	case m.deleted(now):
		return "deleted"
	case m.deleting():
		return "deleting"
	case !m.ready(now):
		return "pending"
	}
	return "available"
}
