package api

import (
	"strings"

	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"

	"github.com/skep-dev/skep/libs/engine/definition"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/store"
)

// Organizations is the definition of the object type Organization, which has no
// resources in AWS. Buckets hold the objects of organizations.
func Organizations(buckets []*store.Bucket) definition.Definition[*identityv1.Organization, struct{}] {
	return definition.Definition[*identityv1.Organization, struct{}]{
		Type:         object.Organizations,
		BeforeDelete: func(name string) error { return inUse(object.Organizations, name, firstOf(buckets, name)) },
	}
}

// firstOf is the key of an object of an organization, or "" if it has none.
func firstOf(buckets []*store.Bucket, organization string) string {
	for _, bucket := range buckets {
		for _, key := range bucket.Keys("") {
			// The key of an organization itself has two parts.
			if parts := strings.Split(key, "/"); len(parts) == 3 && parts[1] == object.ID(organization) {
				return key
			}
		}
	}
	return ""
}
