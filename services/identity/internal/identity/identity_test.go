package identity_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/sim/graphtest"
	"github.com/skep-dev/skep/services/identity/internal/identity"
)

var (
	owner = session.Owner{Installation: "test", Organization: "acme", Cluster: "orchiduid1", ClusterName: "orchid", Component: "clusterIdentities/orchid"}
	spec  = identity.Spec{Region: graphtest.Region}
)

func TestClusterIdentityObeysTheGraphLaws(t *testing.T) {
	graphtest.Laws(t, graphtest.Subject{
		Build:     func(c aws.Config) *graph.Graph { return identity.Resources(spec, iam.NewFromConfig(c), owner) },
		Factories: func(c aws.Config) graph.Factories { return identity.Factories(iam.NewFromConfig(c), owner) },
		Golden:    "cluster_identity.golden",
	})
}
