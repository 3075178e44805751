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

// Secrets makes the private keys of cluster identities and keeps them sealed in
// their records. They are open only while they are used.
type Secrets struct {
	// Sealer closes and opens them.
	Sealer service.Sealer
}

// The certificate authorities of a cluster by use, with the names that kubeadm
// gives them.
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

// authorityKey is the name of the sealed key of an authority.
func authorityKey(use string) string { return "certificate-authority/" + use }

// make makes what is not there yet.
func (s Secrets) make(r *identityv1.ClusterIdentity, record *recordv1.Record) error {
	for _, wanted := range authorities {
		if len(record.GetSealed()[authorityKey(wanted.use)]) > 0 {
			continue
		}
		authority, err := pki.NewAuthority(wanted.name)
		if err != nil {
			return err
		}
		key, err := authority.Key()
		if err != nil {
			return err
		}
		if err := s.put(r, record, authorityKey(wanted.use), key); err != nil {
			return err
		}
		r.Status.CertificateAuthorities = append(r.Status.CertificateAuthorities, &identityv1.CertificateAuthority{
			Use: wanted.use, Certificate: authority.Certificate(), ExpireTime: timestamppb.New(authority.ExpireTime()),
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

// sealContext binds a secret to its cluster identity, which no other ever has the
// uid of, and to its name.
func sealContext(r *identityv1.ClusterIdentity, name string) string {
	return r.GetUid() + "/" + name
}

// authority opens an authority of a cluster identity.
func (s Secrets) authority(r *identityv1.ClusterIdentity, record *recordv1.Record, use string) (*pki.Authority, error) {
	sealed := record.GetSealed()[authorityKey(use)]
	if len(sealed) == 0 {
		return nil, fault.Waitingf("cluster identity %q has no authority %q yet", r.GetName(), use)
	}
	key, err := s.Sealer.Open(sealed, sealContext(r, authorityKey(use)))
	if err != nil {
		return nil, fmt.Errorf("open authority %s of %s: %w", use, r.GetName(), err)
	}
	for _, public := range r.GetStatus().GetCertificateAuthorities() {
		if public.GetUse() == use {
			return pki.ParseAuthority(public.GetCertificate(), key)
		}
	}
	return nil, fmt.Errorf("cluster identity %s has no certificate of authority %s", r.GetName(), use)
}
