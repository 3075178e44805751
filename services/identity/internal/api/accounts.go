package api

import (
	"context"
	"crypto/rand"
	"fmt"

	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"

	"github.com/skep-dev/skep/libs/engine/definition"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// Accounts is the definition of the object type Account. An account has no resources
// in AWS: the account administrator creates the roles that Skep assumes. Bucket holds
// the accounts, referrers are the objects that are built in one.
func Accounts(bucket *store.Bucket, referrers object.ReferrerSet) definition.Definition[*identityv1.Account, struct{}] {
	return definition.Definition[*identityv1.Account, struct{}]{
		Type:         object.Accounts,
		Validate:     func(_ context.Context, _, desired *identityv1.Account) error { return numberIsFree(bucket, desired) },
		BeforeDelete: func(name string) error { return inUse(object.Accounts, name, referrers.First(name)) },
		Prepare: func(_ context.Context, in definition.Preparation[*identityv1.Account]) (struct{}, error) {
			if in.Object.GetStatus().GetExternalId() == "" {
				// It never comes from a client: a client that could choose it could use
				// the way into the AWS account of another organization.
				in.Object.Status.ExternalId = rand.Text()
			}
			return struct{}{}, nil
		},
	}
}

// numberIsFree refuses the number of an AWS account that another account has, as far
// as this replica knows: a user who could name the AWS account of another organization
// would use Skep's way into it. Of two accounts created at once, the ExternalId lets
// only one in.
func numberIsFree(bucket *store.Bucket, desired *identityv1.Account) error {
	for _, record := range bucket.List(object.Accounts.CollectionID + "/") {
		other, err := object.Unpack[*identityv1.Account](record.Record, record.Revision)
		if err != nil {
			return err
		}
		if other.GetName() != desired.GetName() && other.GetSpec().GetAwsAccountId() == desired.GetSpec().GetAwsAccountId() {
			return fault.InvalidFields(fault.Field{Path: "spec.awsAccountId", Message: fmt.Sprintf("is the account %s already", other.GetName())})
		}
	}
	return nil
}

// inUse is the fault of a delete while user needs the object, or nil if user is "".
func inUse(t object.Type, name, user string) error {
	if user == "" {
		return nil
	}
	return fault.Preconditionf("Delete what uses it first.", "%s %q is still used by %s", t.Singular, name, user)
}
