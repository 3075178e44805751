package object

import (
	"github.com/google/uuid"
)

// uidLength is the number of characters in a uid: short enough for the 32 characters of a load
// balancer name, and long enough (32^10 values) to be unique.
const uidLength = 10

// NewUID returns a new random uid that begins with a letter.
func NewUID() string {
	const alphabet = "abcdefghijkmnpqrstuvwxyz23456789"
	random := uuid.New()
	uid := make([]byte, uidLength)
	for i := range uid {
		uid[i] = alphabet[int(random[i])%len(alphabet)]
	}
	uid[0] = alphabet[int(random[10])%24]
	return string(uid)
}
