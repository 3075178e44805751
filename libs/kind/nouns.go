package kind

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
