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

// ClientLife is how long a client certificate lasts. Kubernetes cannot revoke one,
// so it is short.
const ClientLife = time.Hour

// ClientCertificate is a client certificate and its key, as PEM.
type ClientCertificate struct {
	Certificate string
	Key         []byte
	ExpireTime  time.Time
}

// IssueClientCertificate signs a certificate for a client of this name in these
// groups, with a key made for it.
func (a *Authority) IssueClientCertificate(name string, groups []string) (ClientCertificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return ClientCertificate{}, fmt.Errorf("make key of client: %w", err)
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
