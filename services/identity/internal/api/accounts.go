package api

import (
	"context"
	"crypto/rand"
	"fmt"

	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"
	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"

	"github.com/skep-dev/skep/libs/engine/collection"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/reconciler"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// Accounts is all that is particular to accounts. One owns nothing in AWS: its
// roles are made by whoever owns the AWS account, and let Skep in.
type Accounts struct {
	// Bucket holds the accounts.
	Bucket *store.Bucket
	// Usage knows what is built in an account.
	Usage *Usage
}

func (a *Accounts) collection() *collection.Collection[*identityv1.Account] {
	return &collection.Collection[*identityv1.Account]{Type: object.Accounts, Bucket: a.Bucket, Validate: a.validate}
}

// Reconciler keeps accounts.
func (a *Accounts) Reconciler() *reconciler.Reconciler[*identityv1.Account] {
	return &reconciler.Reconciler[*identityv1.Account]{
		Type: object.Accounts, Bucket: a.Bucket, Prepare: a.prepare,
		Graph:     func(context.Context, *identityv1.Account) (*graph.Graph, error) { return new(graph.Graph), nil },
		Factories: func(context.Context, *identityv1.Account) (graph.Factories, error) { return nil, nil },
	}
}

// validate refuses an AWS account that another account stands for: whoever could name
// one that is not theirs would use Skep's way into it. It holds for what is known
// here and now; of two that come at once, the ExternalId lets only one in.
func (a *Accounts) validate(_ context.Context, _, wanted *identityv1.Account) error {
	for _, record := range a.Bucket.List(object.Accounts.CollectionID + "/") {
		other, err := object.Unpack[*identityv1.Account](record.Record, record.Revision)
		if err != nil {
			return err
		}
		if other.GetName() != wanted.GetName() && other.GetSpec().GetAwsAccountId() == wanted.GetSpec().GetAwsAccountId() {
			return fault.InvalidFields(fault.Field{Path: "spec.awsAccountId", Message: fmt.Sprintf("is the account %s already", other.GetName())})
		}
	}
	return nil
}

// prepare makes the ExternalId, once. It is never taken from a client, so that
// nobody can be let in with that of another.
func (a *Accounts) prepare(_ context.Context, r *identityv1.Account, _ *recordv1.Record) error {
	if r.GetStatus().GetExternalId() != "" {
		return nil
	}
	if r.Status == nil {
		r.Status = new(identityv1.AccountStatus)
	}
	r.Status.ExternalId = rand.Text()
	return nil
}

// unused returns a fault as long as anything is built in the account.
func (a *Accounts) unused(name string) error {
	return inUse("account", name, a.Usage.OfAccount(name))
}
