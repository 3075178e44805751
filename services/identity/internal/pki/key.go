package pki

import (
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// The kinds of PEM blocks.
const (
	certificateBlock = "CERTIFICATE"
	privateKeyBlock  = "PRIVATE KEY"
	publicKeyBlock   = "PUBLIC KEY"
)

// encodeKey writes a private key as PKCS #8, PEM.
func encodeKey(key *ecdsa.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, errors.New("the private key cannot be encoded")
	}
	return pem.EncodeToMemory(&pem.Block{Type: privateKeyBlock, Bytes: der}), nil
}

// parseKey reads what encodeKey wrote. Its errors say nothing of what was read.
func parseKey(text []byte) (*ecdsa.PrivateKey, error) {
	der, err := block(text, privateKeyBlock)
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, errors.New("the private key cannot be read")
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("the private key is a %T", parsed)
	}
	return key, nil
}

func block(text []byte, kind string) ([]byte, error) {
	found, _ := pem.Decode(text)
	if found == nil || found.Type != kind {
		return nil, fmt.Errorf("there is no PEM block %q", kind)
	}
	return found.Bytes, nil
}
