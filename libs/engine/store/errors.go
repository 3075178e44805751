package store

import "errors"

// Errors of a write. They are wrapped with the key and the answer of the server.
var (
	// ErrConflict means that the record is not at the expected revision.
	ErrConflict = errors.New("the record has changed")
	// ErrTooLarge means that the record is larger than [MaxSize].
	ErrTooLarge = errors.New("the record is larger than 256 KiB")
	// ErrUnavailable means that no answer came in time. The effect of the write is
	// uncertain.
	ErrUnavailable = errors.New("the store does not answer: try again")
	// ErrInvalidKey means that NATS cannot carry the key.
	ErrInvalidKey = errors.New("invalid key")
	// ErrRolledBack means that the store shows an older state than before: it was restored
	// or replaced. Skep writes nothing to it and changes nothing in AWS until an operator
	// accepts the state.
	ErrRolledBack = errors.New("the state store was rolled back")
)
