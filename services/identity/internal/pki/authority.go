// Package pki creates the cryptographic identities of a cluster: certificate authorities, client certificates,
// and the key that signs service-account tokens.
//
// It imports neither AWS nor the store. It returns private keys as PEM, and the caller must seal them before
// storing. The package never stores or logs a private key, and no error contains one. Only package api of the
// identity service imports it.
package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"time"
)

const (
	// authorityLife is the validity of a certificate authority: ten years, as with kubeadm.
	authorityLife = 10 * 365 * 24 * time.Hour
	// skew is the tolerated difference between the clocks of two machines: certificates are valid from that long ago.
	skew = 5 * time.Minute
)

// Authority is a certificate authority with its private key.
type Authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// NewAuthority creates a certificate authority with this name and a new ECDSA P-256 key. It is valid for ten years and
// signs only leaf certificates.
func NewAuthority(name string) (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("create key of certificate authority: %w", err)
	}
	now := time.Now()
	certificate, err := sign(&x509.Certificate{
		Subject:               pkix.Name{CommonName: name},
		DNSNames:              []string{name},
		NotBefore:             now.Add(-skew),
		NotAfter:              now.Add(authorityLife),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign | x509.KeyUsageDigitalSignature,
		BasicConstraintsValid: true,
		IsCA:                  true,
		MaxPathLenZero:        true,
	}, nil, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("sign certificate authority: %w", err)
	}
	return &Authority{certificate: certificate, key: key}, nil
}

// ParseAuthority returns the authority with this certificate and key, both PEM. It returns an error if they do
// not belong together.
func ParseAuthority(certificate string, key []byte) (*Authority, error) {
	der, err := block([]byte(certificate), certificateBlock)
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("parse certificate of certificate authority: %w", err)
	}
	private, err := parseKey(key)
	if err != nil {
		return nil, err
	}
	if !private.PublicKey.Equal(parsed.PublicKey) {
		return nil, errors.New("the private key does not belong to the certificate")
	}
	return &Authority{certificate: parsed, key: private}, nil
}

// Certificate returns the certificate as PEM.
func (a *Authority) Certificate() string { return encodeCertificate(a.certificate) }

// ExpireTime returns the time at which the certificate expires.
func (a *Authority) ExpireTime() time.Time { return a.certificate.NotAfter }

// Key returns the private key as PEM.
func (a *Authority) Key() ([]byte, error) { return encodeKey(a.key) }

// sign returns the template, signed with key, with a random serial number. A nil parent makes the certificate
// self-signed.
func sign(template, parent *x509.Certificate, public *ecdsa.PublicKey, key *ecdsa.PrivateKey) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), serialBits))
	if err != nil {
		return nil, err
	}
	template.SerialNumber = serial
	if parent == nil {
		parent = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, key)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// serialBits is the length of a serial number in bits. RFC 5280 allows 20 octets.
const serialBits = 128

func encodeCertificate(certificate *x509.Certificate) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: certificateBlock, Bytes: certificate.Raw}))
}
