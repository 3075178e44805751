package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"time"
)

// ClientLife is the validity of a client certificate. It is short because Kubernetes cannot revoke one.
const ClientLife = time.Hour

// ClientCertificate is a client certificate with its private key.
type ClientCertificate struct {
	// Certificate is the certificate as PEM.
	Certificate string
	// Key is the private key as PEM.
	Key []byte
	// ExpireTime is the time at which the certificate expires.
	ExpireTime time.Time
}

// IssueClientCertificate creates a key and signs a certificate for the Kubernetes user name in these groups. It
// is valid for ClientLife.
func (a *Authority) IssueClientCertificate(name string, groups []string) (ClientCertificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return ClientCertificate{}, fmt.Errorf("create key of client: %w", err)
	}
	now := time.Now()
	certificate, err := sign(&x509.Certificate{
		Subject:               pkix.Name{CommonName: name, Organization: groups},
		NotBefore:             now.Add(-skew),
		NotAfter:              now.Add(ClientLife),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true,
	}, a.certificate, &key.PublicKey, a.key)
	if err != nil {
		return ClientCertificate{}, fmt.Errorf("sign client certificate: %w", err)
	}
	text, err := encodeKey(key)
	if err != nil {
		return ClientCertificate{}, err
	}
	return ClientCertificate{Certificate: encodeCertificate(certificate), Key: text, ExpireTime: certificate.NotAfter}, nil
}
