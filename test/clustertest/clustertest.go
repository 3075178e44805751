// Package clustertest runs the whole suite in virtual time, with a registered AWS
// account, and creates, watches and deletes the quickstart cluster in it. Only tests
// and benchmarks import it.
package clustertest

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

// The names of the objects in the suite.
const (
	// Organization owns the account and the cluster.
	Organization = "organizations/demo"
	// ClusterID is the last segment of ClusterName, the full name of the quickstart cluster.
	ClusterID   = "quickstart"
	ClusterName = Organization + "/clusters/" + ClusterID

	// Account is the API object of the AWS account that the clusters are built in.
	Account = Organization + "/accounts/main"
)

// Options are the options of the suite. Run sets Services.
type Options = suite.Options

// Suite is the whole suite with an organization and a ready account.
type Suite struct {
	*suite.Suite
	// Context ends with the timeout of the test.
	Context context.Context
	// Clusters is the client of the cluster API.
	Clusters clusterv1.ClusterServiceClient
	// Baseline is the content of AWS before the test creates a cluster.
	Baseline string
}

// Run starts the whole suite in a bubble of its own, registers the account and runs the test.
func Run(t *testing.T, options Options, test func(t *testing.T, s *Suite)) {
	t.Helper()
	options.Services = allinone.Constructors()
	suite.Run(t, options, func(t *testing.T, running *suite.Suite) {
		s := &Suite{Suite: running, Context: suite.Context(t), Clusters: clusterv1.NewClusterServiceClient(running.Client(gateway.Name))}
		s.onboard(t)
		s.Baseline = s.AWS.String()
		test(t, s)
	})
}

// ReplaceInstallation empties the store and starts again as another installation, with
// the same account registered.
func (s *Suite) ReplaceInstallation(t *testing.T, installation string) {
	t.Helper()
	s.LoseStore()
	s.Reinstall(installation)
	s.Clusters = clusterv1.NewClusterServiceClient(s.Client(gateway.Name))
	s.onboard(t)
}

// onboard creates the organization and the account, and adds the roles to AWS as the
// account administrator does.
func (s *Suite) onboard(t *testing.T) {
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
	require.NoError(t, allinone.PutFixtures(s.AWS, suite.Account, ready.GetAccount().GetStatus().GetExternalId()))
}

// Quickstart returns the cluster of examples/quickstart.yaml, the document of the README.
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

// Create creates the quickstart cluster and does not wait.
func (s *Suite) Create(t *testing.T) {
	t.Helper()
	_, err := s.Clusters.CreateCluster(s.Context, &clusterv1.CreateClusterRequest{Parent: Organization, ClusterId: ClusterID, Cluster: Quickstart(t)})
	require.NoError(t, err)
}

// Delete requests the deletion of the quickstart cluster and does not wait.
func (s *Suite) Delete(t *testing.T) {
	t.Helper()
	_, err := s.Clusters.DeleteCluster(s.Context, &clusterv1.DeleteClusterRequest{Name: ClusterName})
	require.NoError(t, err)
}

// WaitUntil watches the quickstart cluster until reached returns true, and returns the
// cluster. It repeats the watch when the gateway was killed. The test fails when Context ends.
func (s *Suite) WaitUntil(t *testing.T, reached func(*clusterv1.WatchClustersResponse) bool) *clusterv1.Cluster {
	t.Helper()
	var last *clusterv1.Cluster
	for s.Context.Err() == nil {
		listed := false
		stream, err := s.Clusters.WatchClusters(s.Context, &clusterv1.WatchClustersRequest{Parent: Organization})
		require.NoError(t, err)
		for {
			message, err := stream.Recv()
			if err != nil {
				break
			}
			switch {
			case message.GetCluster().GetName() == ClusterName:
				listed, last = !message.GetDeleted(), message.GetCluster()
			case !message.GetSynced():
				// The message is about another cluster.
				continue
			}
			// A complete list without the cluster proves the deletion, as the event does.
			if message.GetSynced() && !listed {
				message = &clusterv1.WatchClustersResponse{Deleted: true}
			}
			if reached(message) {
				return last
			}
		}
		time.Sleep(time.Second)
	}
	text, _ := protojson.MarshalOptions{Multiline: true}.Marshal(pending(last))
	require.Fail(t, "the cluster did not reach the expected state", "%s", text)
	return nil
}

// pending returns the status of c without the ready resources, for a failure message.
func pending(c *clusterv1.Cluster) *clusterv1.Cluster {
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

// IsDeleted reports whether the cluster is deleted.
func IsDeleted(m *clusterv1.WatchClustersResponse) bool { return m.GetDeleted() }
