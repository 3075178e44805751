// Package scene is the whole suite in a world of its own, with an account to build
// in and the quickstart cluster to build. Tests and benchmarks play in it.
package scene

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"sigs.k8s.io/yaml"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/cli/allinone"
	"github.com/skep-dev/skep/gateway"
	"github.com/skep-dev/skep/libs/sim/suite"
	"github.com/skep-dev/skep/services/identity"
)

// The names of a scene.
const (
	// Organization owns the account and the cluster.
	Organization = "organizations/demo"
	// ClusterID is the last part of the cluster's name, ClusterName all of it.
	ClusterID   = "quickstart"
	ClusterName = Organization + "/clusters/" + ClusterID

	// Account is the account that clusters are built in.
	Account = Organization + "/accounts/main"
)

// Options say what the world of a scene is made of.
type Options = suite.Options

// Scene is a suite with an account to build in.
type Scene struct {
	*suite.Suite
	// Context ends when the patience of a test does.
	Context context.Context
	// Clusters is the API.
	Clusters clusterv1.ClusterServiceClient
	// Before is AWS as it was before anything was built.
	Before string
}

// Play runs a test in a world of its own with the whole suite.
func Play(t *testing.T, options Options, test func(t *testing.T, s *Scene)) {
	t.Helper()
	options.Services = allinone.Constructors()
	suite.Run(t, options, func(t *testing.T, w *suite.Suite) {
		s := &Scene{Suite: w, Context: suite.Context(t), Clusters: clusterv1.NewClusterServiceClient(w.Client(gateway.Name))}
		s.onboard(t)
		s.Before = w.AWS.String()
		test(t, s)
	})
}

// Lose empties the store and begins anew as another installation, with the same
// account declared.
func (s *Scene) Lose(t *testing.T, installation string) {
	t.Helper()
	s.LoseStore()
	s.Reinstall(installation)
	s.Clusters = clusterv1.NewClusterServiceClient(s.Client(gateway.Name))
	s.onboard(t)
}

// onboard declares organization and account, and does in AWS what the account's
// administrator does.
func (s *Scene) onboard(t *testing.T) {
	t.Helper()
	conn := s.Client(identity.Name)
	_, err := identityv1.NewOrganizationServiceClient(conn).ApplyOrganization(s.Context, &identityv1.ApplyOrganizationRequest{
		Organization: &identityv1.Organization{Name: Organization},
	})
	require.NoError(t, err)
	accounts := identityv1.NewAccountServiceClient(conn)
	_, err = accounts.ApplyAccount(s.Context, &identityv1.ApplyAccountRequest{
		Account: &identityv1.Account{Name: Account, Spec: &identityv1.AccountSpec{AwsAccountId: suite.Account}},
	})
	require.NoError(t, err)
	stream, err := accounts.WatchAccounts(s.Context, &identityv1.WatchAccountsRequest{Parent: Organization})
	require.NoError(t, err)
	ready := suite.Await(t, stream.Recv, func(m *identityv1.WatchAccountsResponse) bool {
		return m.GetAccount().GetStatus().GetExternalId() != "" && m.GetAccount().GetStatus().GetState() == typev1.State_READY
	})
	require.NoError(t, allinone.Plant(s.AWS, suite.Account, ready.GetAccount().GetStatus().GetExternalId()))
}

// Quickstart is the document of the README.
func Quickstart(t *testing.T) *clusterv1.Cluster {
	t.Helper()
	text, err := os.ReadFile("../../examples/quickstart.yaml")
	require.NoError(t, err)
	document, err := yaml.YAMLToJSON(text)
	require.NoError(t, err)
	cluster := new(clusterv1.Cluster)
	require.NoError(t, protojson.Unmarshal(document, cluster))
	return cluster
}

// Create declares the quickstart cluster.
func (s *Scene) Create(t *testing.T) {
	t.Helper()
	_, err := s.Clusters.CreateCluster(s.Context, &clusterv1.CreateClusterRequest{Parent: Organization, ClusterId: ClusterID, Cluster: Quickstart(t)})
	require.NoError(t, err)
}

// Remove asks for the cluster to be removed.
func (s *Scene) Remove(t *testing.T) {
	t.Helper()
	_, err := s.Clusters.DeleteCluster(s.Context, &clusterv1.DeleteClusterRequest{Name: ClusterName})
	require.NoError(t, err)
}

// Until watches the cluster until it is as wanted. A watch that breaks because
// the gateway was killed is begun anew.
func (s *Scene) Until(t *testing.T, wanted func(*clusterv1.WatchClustersResponse) bool) *clusterv1.Cluster {
	t.Helper()
	var last *clusterv1.Cluster
	for s.Context.Err() == nil {
		there := false
		stream, err := s.Clusters.WatchClusters(s.Context, &clusterv1.WatchClustersRequest{Parent: Organization})
		require.NoError(t, err)
		for {
			message, err := stream.Recv()
			if err != nil {
				break
			}
			switch {
			case message.GetCluster().GetName() == ClusterName:
				there, last = !message.GetDeleted(), message.GetCluster()
			case !message.GetSynced():
				// Another cluster's.
				continue
			}
			// A list without the cluster says that it is gone as well as an event does.
			if message.GetSynced() && !there {
				message = &clusterv1.WatchClustersResponse{Deleted: true}
			}
			if wanted(message) {
				return last
			}
		}
		time.Sleep(time.Second)
	}
	text, _ := protojson.MarshalOptions{Multiline: true}.Marshal(short(last))
	require.Fail(t, "the cluster did not get there", "%s", text)
	return nil
}

// short is a cluster without what is ready, for a message.
func short(c *clusterv1.Cluster) *clusterv1.Cluster {
	if c == nil {
		return &clusterv1.Cluster{}
	}
	c = proto.CloneOf(c)
	var resources []*typev1.InventoryItem
	for _, item := range c.GetStatus().GetResources() {
		if item.GetState() != typev1.InventoryItem_READY {
			resources = append(resources, item)
		}
	}
	c.Spec = nil
	if c.GetStatus() != nil {
		c.Status.Resources = resources
	}
	return c
}

// IsReady reports whether the cluster is ready.
func IsReady(m *clusterv1.WatchClustersResponse) bool {
	return m.GetCluster().GetStatus().GetState() == typev1.State_READY
}

// IsGone reports whether the cluster is gone.
func IsGone(m *clusterv1.WatchClustersResponse) bool { return m.GetDeleted() }
