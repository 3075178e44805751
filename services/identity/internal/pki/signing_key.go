package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
)

// SigningKey is the key that signs service-account tokens: ECDSA on P-256. Kubernetes (ES256) and AWS IAM can
// verify its signatures, and its creation takes microseconds.
type SigningKey struct {
	key *ecdsa.PrivateKey
}

// NewSigningKey creates a signing key.
func NewSigningKey() (*SigningKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("create signing key: %w", err)
	}
	return &SigningKey{key: key}, nil
}

// Public returns the public key as PEM.
func (s *SigningKey) Public() (string, error) {
	der, err := x509.MarshalPKIXPublicKey(&s.key.PublicKey)
	if err != nil {
		return "", fmt.Errorf("encode public key: %w", err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: publicKeyBlock, Bytes: der})), nil
}

// Key returns the private key as PEM.
func (s *SigningKey) Key() ([]byte, error) { return encodeKey(s.key) }
