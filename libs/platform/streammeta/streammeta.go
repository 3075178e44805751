// Package streammeta defines the metadata keys of Skep's NATS streams: the installation that owns the state, and
// whether an operator accepted it. Only NATS administrators can change metadata. Packages bus and backup write it,
// the store reads it.
package streammeta

// The keys.
const (
	// Installation is the id of the installation that owns the stream.
	Installation = "skep.dev/installation"
	// Accepted is the time when an operator last accepted the state, as RFC 3339.
	Accepted = "skep.dev/accepted"
	// Restored is the backup from which the stream was restored, until an operator accepts the state.
	Restored = "skep.dev/restored"
)
