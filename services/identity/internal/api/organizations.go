package api

import (
	"context"

	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"

	"github.com/skep-dev/skep/libs/engine/collection"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/reconciler"
	"github.com/skep-dev/skep/libs/engine/store"
)

// Organizations is all that is particular to organizations. One owns nothing in AWS.
type Organizations struct {
	// Bucket holds the organizations.
	Bucket *store.Bucket
	// Usage knows what is of an organization.
	Usage *Usage
}

func (o *Organizations) collection() *collection.Collection[*identityv1.Organization] {
	return &collection.Collection[*identityv1.Organization]{Type: object.Organizations, Bucket: o.Bucket}
}

// Reconciler keeps organizations.
func (o *Organizations) Reconciler() *reconciler.Reconciler[*identityv1.Organization] {
	return &reconciler.Reconciler[*identityv1.Organization]{
		Type: object.Organizations, Bucket: o.Bucket,
		Graph:     func(context.Context, *identityv1.Organization) (*graph.Graph, error) { return new(graph.Graph), nil },
		Factories: func(context.Context, *identityv1.Organization) (graph.Factories, error) { return nil, nil },
	}
}

// unused returns a fault as long as anything is of the organization.
func (o *Organizations) unused(name string) error {
	return inUse("organization", name, o.Usage.OfOrganization(name))
}
