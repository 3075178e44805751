package pki

import (
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// These are the types of the PEM blocks.
const (
	certificateBlock = "CERTIFICATE"
	privateKeyBlock  = "PRIVATE KEY"
	publicKeyBlock   = "PUBLIC KEY"
)

// encodeKey returns a private key as PKCS #8 in PEM.
func encodeKey(key *ecdsa.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, errors.New("the private key cannot be encoded")
	}
	return pem.EncodeToMemory(&pem.Block{Type: privateKeyBlock, Bytes: der}), nil
}

// parseKey parses a key that encodeKey encoded. Its errors do not quote the input.
func parseKey(text []byte) (*ecdsa.PrivateKey, error) {
	der, err := block(text, privateKeyBlock)
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, errors.New("the private key cannot be parsed")
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("the private key is a %T, not an ECDSA key", parsed)
	}
	return key, nil
}

// block returns the content of the first PEM block of text, which must have this type.
func block(text []byte, blockType string) ([]byte, error) {
	found, _ := pem.Decode(text)
	if found == nil || found.Type != blockType {
		return nil, fmt.Errorf("the PEM block %q is missing", blockType)
	}
	return found.Bytes, nil
}
