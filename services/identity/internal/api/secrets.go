package api

import (
	"fmt"

	"google.golang.org/protobuf/types/known/timestamppb"

	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"
	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"

	"github.com/skep-dev/skep/libs/engine/service"
	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/services/identity/internal/pki"
)

// Secrets creates the private keys of cluster identities and stores them sealed in their
// records. It unseals a key only to use it.
type Secrets struct {
	// Sealer seals and unseals the keys.
	Sealer service.Sealer
}

// authorities are the certificate authorities of a cluster by use, with the common names of
// kubeadm.
var authorities = []struct{ use, name string }{
	{kubernetes, "kubernetes"},
	{"etcd", "etcd-ca"},
	{"front-proxy", "kubernetes-front-proxy-ca"},
}

const (
	// kubernetes is the authority that signs client certificates.
	kubernetes = "kubernetes"
	// signingKey is the name of the sealed key that signs service-account tokens.
	signingKey = "service-account"
)

// authorityKey returns the name of the sealed key of a certificate authority.
func authorityKey(use string) string { return "certificate-authority/" + use }

// create creates the keys and certificate authorities that the record does not have yet.
func (s Secrets) create(r *identityv1.ClusterIdentity, record *recordv1.Record) error {
	for _, desired := range authorities {
		if len(record.GetSealed()[authorityKey(desired.use)]) > 0 {
			continue
		}
		authority, err := pki.NewAuthority(desired.name)
		if err != nil {
			return err
		}
		key, err := authority.Key()
		if err != nil {
			return err
		}
		if err := s.put(r, record, authorityKey(desired.use), key); err != nil {
			return err
		}
		r.Status.CertificateAuthorities = append(r.Status.CertificateAuthorities, &identityv1.CertificateAuthority{
			Use: desired.use, Certificate: authority.Certificate(), ExpireTime: timestamppb.New(authority.ExpireTime()),
		})
	}
	if len(record.GetSealed()[signingKey]) > 0 {
		return nil
	}
	signing, err := pki.NewSigningKey()
	if err != nil {
		return err
	}
	key, err := signing.Key()
	if err != nil {
		return err
	}
	if r.Status.ServiceAccountPublicKey, err = signing.Public(); err != nil {
		return err
	}
	return s.put(r, record, signingKey, key)
}

func (s Secrets) put(r *identityv1.ClusterIdentity, record *recordv1.Record, name string, secret []byte) error {
	sealed, err := s.Sealer.Seal(secret, sealContext(r, name))
	if err != nil {
		return err
	}
	if record.Sealed == nil {
		record.Sealed = make(map[string][]byte)
	}
	record.Sealed[name] = sealed
	return nil
}

// sealContext returns the context that binds a secret to its name and to the uid of its
// cluster identity. A later cluster identity of the same name has another uid.
func sealContext(r *identityv1.ClusterIdentity, name string) string {
	return r.GetUid() + "/" + name
}

// authority unseals a certificate authority of a cluster identity.
func (s Secrets) authority(r *identityv1.ClusterIdentity, record *recordv1.Record, use string) (*pki.Authority, error) {
	sealed := record.GetSealed()[authorityKey(use)]
	if len(sealed) == 0 {
		return nil, fault.Waitingf("cluster identity %q has no certificate authority %q yet", r.GetName(), use)
	}
	key, err := s.Sealer.Open(sealed, sealContext(r, authorityKey(use)))
	if err != nil {
		return nil, fmt.Errorf("unseal certificate authority %s of %s: %w", use, r.GetName(), err)
	}
	for _, public := range r.GetStatus().GetCertificateAuthorities() {
		if public.GetUse() == use {
			return pki.ParseAuthority(public.GetCertificate(), key)
		}
	}
	return nil, fmt.Errorf("cluster identity %s has no certificate of certificate authority %s", r.GetName(), use)
}
