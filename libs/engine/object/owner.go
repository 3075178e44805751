package object

import (
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/aws/session"
)

// Owner returns the owner tags of the AWS resources of r: those of its cluster, or its own if r is
// standalone.
func Owner(installation string, objectType Type, r Object, cluster *typev1.ClusterReference) session.Owner {
	owner := session.Owner{
		Installation: installation,
		Organization: Organization(r.GetName()),
		Cluster:      cluster.GetUid(),
		ClusterName:  ID(cluster.GetName()),
		Component:    objectType.CollectionID + "/" + ID(r.GetName()),
	}
	if owner.Cluster == "" {
		owner.Cluster, owner.ClusterName = r.GetUid(), ID(r.GetName())
	}
	return owner
}
