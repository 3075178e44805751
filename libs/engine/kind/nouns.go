package kind

// Every process knows the messages of every kind: a record of a kind that it did not
// know would name nothing, and what it stands on would be deleted under it.
import (
	_ "github.com/skep-dev/skep/proto/gen/go/skep/bastion/v1"
	_ "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	_ "github.com/skep-dev/skep/proto/gen/go/skep/compute/v1"
	_ "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"
	_ "github.com/skep-dev/skep/proto/gen/go/skep/ingress/v1"
	_ "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"
)

// The kinds of the suite.
var (
	Organizations     = Noun{Segment: "organizations", Singular: "organization"}
	Accounts          = Noun{Segment: "accounts", Singular: "account"}
	Clusters          = Noun{Segment: "clusters", Singular: "cluster"}
	Networks          = Noun{Segment: "networks", Singular: "network"}
	ControlPlanes     = Noun{Segment: "controlPlanes", Singular: "control plane"}
	NodePools         = Noun{Segment: "nodePools", Singular: "node pool"}
	ClusterIdentities = Noun{Segment: "clusterIdentities", Singular: "cluster identity"}
	ApiEndpoints      = Noun{Segment: "apiEndpoints", Singular: "API endpoint"}
	Ingresses         = Noun{Segment: "ingresses", Singular: "ingress"}
	Bastions          = Noun{Segment: "bastions", Singular: "bastion"}
)
