package config

import (
	"fmt"
	"io"
	"log/slog"
)

// redacted stands where a secret would have been.
const redacted = "[redacted]"

// Secret is a text that is not shown by accident: in fmt by any verb, in slog, in
// JSON and in anything that marshals to text it reads "[redacted]". Reveal is the
// only way to it.
type Secret string

// Reveal returns the secret itself, for the one place that needs it.
func (s Secret) Reveal() string { return string(s) }

// String returns "[redacted]", or nothing if there is no secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return redacted
}

// Format shows every verb of fmt what String returns, so that %x and %#v tell
// nothing either.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue shows slog what String returns.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText shows encoders of text and JSON what String returns.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalJSON shows encoding/json what String returns.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + s.String() + `"`), nil }
