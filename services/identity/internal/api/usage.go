package api

import (
	"slices"
	"strings"

	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// Usage knows what stands on organizations and accounts, in all services.
type Usage struct {
	// Buckets are one's own and those of the other services.
	Buckets []*store.Bucket
	// InAccount finds what names an account in each of them.
	InAccount []*object.Referrers
}

// NewUsage returns the usage that the records of these buckets make.
func NewUsage(buckets ...*store.Bucket) *Usage {
	u := &Usage{Buckets: buckets}
	for _, bucket := range buckets {
		u.InAccount = append(u.InAccount, &object.Referrers{Bucket: bucket, Field: "account"})
	}
	return u
}

// OfAccount lists the keys of the records that name an account.
func (u *Usage) OfAccount(name string) []string {
	var keys []string
	for _, referrers := range u.InAccount {
		keys = append(keys, referrers.Keys(name)...)
	}
	return keys
}

// OfOrganization lists the keys of the records that are of an organization.
func (u *Usage) OfOrganization(name string) []string {
	var keys []string
	for _, bucket := range u.Buckets {
		for _, record := range bucket.List("") {
			// The key of an organization itself has two parts.
			if parts := strings.Split(record.Key, "/"); len(parts) == 3 && parts[1] == object.ID(name) {
				keys = append(keys, record.Key)
			}
		}
	}
	return keys
}

// inUse is a fault that names the first of the users, or nil if there are none.
func inUse(noun, name string, users []string) error {
	if len(users) == 0 {
		return nil
	}
	slices.Sort(users)
	return fault.Preconditionf("Delete what uses it first.", "%s %q is still used by %s", noun, name, users[0])
}
