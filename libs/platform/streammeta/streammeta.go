// Package streammeta names the metadata of Skep's NATS streams: to which installation
// a stream belongs, and whether an operator accepted its state. Only administrators of
// NATS can change it. The bus and backups write it, the store reads it.
package streammeta

// The keys.
const (
	// Installation is the id of the installation whose stream it is.
	Installation = "skep.dev/installation"
	// Accepted is when an operator last accepted the state, as RFC 3339.
	Accepted = "skep.dev/accepted"
	// Restored is the backup that the stream was restored from, until that
	// is accepted.
	Restored = "skep.dev/restored"
)
