package pki_test

import (
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/services/identity/internal/pki"
)

func parse(t *testing.T, text string) *x509.Certificate {
	t.Helper()
	block, rest := pem.Decode([]byte(text))
	require.NotNil(t, block)
	require.Empty(t, rest)
	certificate, err := x509.ParseCertificate(block.Bytes)
	require.NoError(t, err)
	return certificate
}

func authority(t *testing.T, name string) *pki.Authority {
	t.Helper()
	a, err := pki.NewAuthority(name)
	require.NoError(t, err)
	return a
}

func TestAuthorityIsValidForTenYearsAndSignsNoAuthority(t *testing.T) {
	t.Parallel()
	a := authority(t, "kubernetes")
	certificate := parse(t, a.Certificate())
	require.Equal(t, "kubernetes", certificate.Subject.CommonName)
	require.True(t, certificate.IsCA)
	require.True(t, certificate.MaxPathLenZero)
	require.Equal(t, x509.ECDSA, certificate.PublicKeyAlgorithm)
	require.WithinDuration(t, time.Now().AddDate(10, 0, 0), certificate.NotAfter, 4*24*time.Hour)
	require.NoError(t, certificate.CheckSignatureFrom(certificate))
	require.NotContains(t, a.Certificate(), "PRIVATE")
}

func TestClientCertificateIsValidForAnHourAndOnlyForClients(t *testing.T) {
	t.Parallel()
	a := authority(t, "kubernetes")
	issued, err := a.IssueClientCertificate("ada", []string{"system:masters", "developers"})
	require.NoError(t, err)
	certificate := parse(t, issued.Certificate)
	require.Equal(t, "ada", certificate.Subject.CommonName)
	require.ElementsMatch(t, []string{"system:masters", "developers"}, certificate.Subject.Organization)
	require.False(t, certificate.IsCA)
	require.WithinDuration(t, time.Now().Add(time.Hour), issued.ExpireTime, time.Minute)

	roots := x509.NewCertPool()
	roots.AddCert(parse(t, a.Certificate()))
	verify := func(at time.Time, usage x509.ExtKeyUsage) error {
		_, err := certificate.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{usage}})
		return err
	}
	require.NoError(t, verify(time.Now(), x509.ExtKeyUsageClientAuth))
	require.Error(t, verify(time.Now(), x509.ExtKeyUsageServerAuth))
	require.Error(t, verify(time.Now().Add(61*time.Minute), x509.ExtKeyUsageClientAuth))

	_, err = tls.X509KeyPair([]byte(issued.Certificate), issued.Key)
	require.NoError(t, err, "the key does not belong to the certificate")
}

func TestCertificatesHaveDifferentKeysAndSerialNumbers(t *testing.T) {
	t.Parallel()
	a := authority(t, "kubernetes")
	one, err := a.IssueClientCertificate("ada", nil)
	require.NoError(t, err)
	two, err := a.IssueClientCertificate("ada", nil)
	require.NoError(t, err)
	require.NotEqual(t, one.Key, two.Key)
	require.NotEqual(t, parse(t, one.Certificate).SerialNumber, parse(t, two.Certificate).SerialNumber)
}

func TestParseAuthorityRequiresTheKeyOfTheCertificate(t *testing.T) {
	t.Parallel()
	a, b := authority(t, "kubernetes"), authority(t, "etcd")
	key, err := a.Key()
	require.NoError(t, err)
	again, err := pki.ParseAuthority(a.Certificate(), key)
	require.NoError(t, err)
	require.Equal(t, a.Certificate(), again.Certificate())
	require.Equal(t, a.ExpireTime(), again.ExpireTime())

	for name, try := range map[string]func() error{
		"another key":            func() error { _, err := pki.ParseAuthority(b.Certificate(), key); return err },
		"no key":                 func() error { _, err := pki.ParseAuthority(a.Certificate(), nil); return err },
		"a certificate as key":   func() error { _, err := pki.ParseAuthority(a.Certificate(), []byte(a.Certificate())); return err },
		"a key as a certificate": func() error { _, err := pki.ParseAuthority(string(key), key); return err },
	} {
		require.Error(t, try(), name)
		require.NotContains(t, try().Error(), "MIG", name)
	}
}

func TestPublicReturnsThePublicKeyOfTheSigningKey(t *testing.T) {
	t.Parallel()
	key, err := pki.NewSigningKey()
	require.NoError(t, err)
	text, err := key.Public()
	require.NoError(t, err)
	require.NotContains(t, text, "PRIVATE")
	public, _ := pem.Decode([]byte(text))
	parsed, err := x509.ParsePKIXPublicKey(public.Bytes)
	require.NoError(t, err)

	private, err := key.Key()
	require.NoError(t, err)
	block, _ := pem.Decode(private)
	whole, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	require.NoError(t, err)
	require.True(t, whole.(*ecdsa.PrivateKey).PublicKey.Equal(parsed))
}
