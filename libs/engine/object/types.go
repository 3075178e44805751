package object

// Every process links the messages of every object type. A process that could not decode a record
// would miss its references, and would delete objects that the record uses.
import (
	_ "github.com/skep-dev/skep/proto/gen/go/skep/bastion/v1"
	_ "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	_ "github.com/skep-dev/skep/proto/gen/go/skep/compute/v1"
	_ "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"
	_ "github.com/skep-dev/skep/proto/gen/go/skep/ingress/v1"
	_ "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"
)

// The object types of Skep.
var (
	Organizations     = Type{CollectionID: "organizations", Singular: "organization"}
	Accounts          = Type{CollectionID: "accounts", Singular: "account"}
	Clusters          = Type{CollectionID: "clusters", Singular: "cluster"}
	Networks          = Type{CollectionID: "networks", Singular: "network"}
	ControlPlanes     = Type{CollectionID: "controlPlanes", Singular: "control plane"}
	NodePools         = Type{CollectionID: "nodePools", Singular: "node pool"}
	ClusterIdentities = Type{CollectionID: "clusterIdentities", Singular: "cluster identity"}
	ApiEndpoints      = Type{CollectionID: "apiEndpoints", Singular: "API endpoint"}
	Ingresses         = Type{CollectionID: "ingresses", Singular: "ingress"}
	Bastions          = Type{CollectionID: "bastions", Singular: "bastion"}
)
