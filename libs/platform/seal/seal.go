// Package seal encrypts secrets with a key in a local file: the secrets in a store of records are useless to a reader
// of the store alone.
//
// The key is an age X25519 identity, created at first use and readable by its owner alone. If the key is lost, every
// secret that it sealed is lost; replicas of one service share it. At scale a key in AWS KMS takes its place, behind
// the same service.Sealer.
//
// Mains open the key and pass it to services as a service.Sealer.
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

// Key seals and opens secrets. It is safe for concurrent use.
type Key struct {
	identity *age.X25519Identity
}

// ErrContext means that a secret was sealed for another context.
var ErrContext = errors.New("the secret was sealed for another context")

// lengthSize is the number of bytes that hold the length of the context.
const lengthSize = 8

// Seal encrypts a secret. context names its owner: Open needs the same context, so the secret of one record cannot be
// used for another.
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

// Open decrypts what Seal returned. Any change of the sealed bytes, and any other context, is an error.
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
