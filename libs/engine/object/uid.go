package object

import (
	"github.com/google/uuid"
)

// uidLength is how many letters a uid has: short enough for the 32 characters
// of a load balancer's name, long enough (32^10) never to meet another.
const uidLength = 10

// NewUID makes an opaque id that begins with a letter.
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
