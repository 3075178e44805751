package object

import (
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/aws/session"
)

// Owner says whose the things of r in AWS are: its cluster's, or its own if it
// is part of none.
func Owner(installation string, noun Type, r Object, cluster *typev1.ClusterReference) session.Owner {
	owner := session.Owner{
		Installation: installation,
		Organization: Organization(r.GetName()),
		Cluster:      cluster.GetUid(),
		ClusterName:  ID(cluster.GetName()),
		Component:    noun.CollectionID + "/" + ID(r.GetName()),
	}
	if owner.Cluster == "" {
		owner.Cluster, owner.ClusterName = r.GetUid(), ID(r.GetName())
	}
	return owner
}
