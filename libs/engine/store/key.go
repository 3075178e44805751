package store

import (
	"fmt"
	"regexp"
	"strings"
)

// keyPattern matches the characters that a subject of a bucket can carry.
var keyPattern = regexp.MustCompile(`^[-/_=.a-zA-Z0-9]+$`)

// maxKeyLength is the maximum length of a key in bytes.
const maxKeyLength = 512

// checkKey returns [ErrInvalidKey] with the reason why NATS cannot carry a key.
func checkKey(key string) error {
	switch {
	case key == "":
		return fmt.Errorf("%w: it is empty", ErrInvalidKey)
	case len(key) > maxKeyLength:
		return fmt.Errorf("%w %.32q…: it has %d characters; the maximum is %d", ErrInvalidKey, key, len(key), maxKeyLength)
	case !keyPattern.MatchString(key):
		return fmt.Errorf("%w %q: only letters, digits and -_=./ are allowed", ErrInvalidKey, key)
	case strings.HasPrefix(key, "."), strings.HasSuffix(key, "."), strings.Contains(key, ".."):
		return fmt.Errorf("%w %q: a dot must stand between other characters", ErrInvalidKey, key)
	}
	return nil
}
