// Package seal keeps secrets closed with a key in a local file: what a store of
// records holds of them is of no use to whoever reads only the store.
//
// The key is an age X25519 identity, made at first use and readable by its owner
// alone. Whoever loses it loses every secret that it sealed; replicas of one
// service share it. At scale a key in AWS KMS takes its place, behind the same
// service.Sealer.
//
// Mains open it; services are given it as a service.Sealer.
package seal

import (
	"bytes"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"
)

// Key seals secrets and opens them. It is safe for concurrent use.
type Key struct {
	identity *age.X25519Identity
}

// ErrContext means that a secret was sealed for something else than it was
// opened for.
var ErrContext = errors.New("the secret belongs to something else")

// lengthSize is how many bytes before the context say how long that is.
const lengthSize = 8

// Seal closes a secret. Context names what it belongs to: the same is needed to
// open it, so that one record's secret is not taken for another's.
func (k *Key) Seal(secret []byte, context string) ([]byte, error) {
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, k.identity.Recipient())
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	plain := binary.BigEndian.AppendUint64(nil, uint64(len(context)))
	plain = append(append(plain, context...), secret...)
	_, err = w.Write(plain)
	if err := errors.Join(err, w.Close()); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return sealed.Bytes(), nil
}

// Open opens what Seal closed. Anything else, even with one bit changed, is an
// error, and so is another context.
func (k *Key) Open(sealed []byte, context string) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(sealed), k.identity)
	if err != nil {
		return nil, fmt.Errorf("open sealed secret: %w", err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("open sealed secret: %w", err)
	}
	if len(plain) < lengthSize {
		return nil, fmt.Errorf("open sealed secret: %w", io.ErrUnexpectedEOF)
	}
	length, rest := binary.BigEndian.Uint64(plain), plain[lengthSize:]
	if length > uint64(len(rest)) || subtle.ConstantTimeCompare(rest[:length], []byte(context)) != 1 {
		return nil, fmt.Errorf("open sealed secret: %w", ErrContext)
	}
	return rest[length:], nil
}
