// Package pki makes what a cluster's parts know one another by: certificate
// authorities, client certificates, and the key that signs service-account tokens.
//
// It knows neither AWS nor the store. Private keys leave it as PEM, to be sealed
// by whoever asked; nothing here keeps, logs or names one in an error.
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
	// authorityLife is how long a certificate authority lasts: as long as kubeadm's.
	authorityLife = 10 * 365 * 24 * time.Hour
	// skew is how far the clocks of two machines may be apart.
	skew = 5 * time.Minute
)

// Authority is a certificate authority with its private key.
type Authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// NewAuthority makes a certificate authority of this name: ECDSA on P-256, for ten
// years, which signs end certificates only.
func NewAuthority(name string) (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make key of authority: %w", err)
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
		return nil, fmt.Errorf("sign authority: %w", err)
	}
	return &Authority{certificate: certificate, key: key}, nil
}

// ParseAuthority reads an authority from the PEM of its certificate and key.
func ParseAuthority(certificate string, key []byte) (*Authority, error) {
	der, err := block([]byte(certificate), certificateBlock)
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("read certificate of authority: %w", err)
	}
	private, err := parseKey(key)
	if err != nil {
		return nil, err
	}
	if !private.PublicKey.Equal(parsed.PublicKey) {
		return nil, errors.New("the key is not that of the certificate")
	}
	return &Authority{certificate: parsed, key: private}, nil
}

// Certificate is the certificate as PEM.
func (a *Authority) Certificate() string { return encodeCertificate(a.certificate) }

// ExpireTime is when the certificate ends.
func (a *Authority) ExpireTime() time.Time { return a.certificate.NotAfter }

// Key is the private key as PEM.
func (a *Authority) Key() ([]byte, error) { return encodeKey(a.key) }

// sign signs a certificate with a random serial number. Without a parent it signs itself.
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

// serialBits is how long a serial number is; RFC 5280 allows 20 octets.
const serialBits = 128

func encodeCertificate(certificate *x509.Certificate) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: certificateBlock, Bytes: certificate.Raw}))
}
