package processes_test

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/test/moto"
)

// motoSuite is the suite in separate processes with moto as AWS.
type motoSuite struct {
	*separateProcesses
	proxy *moto.Proxy
	// account is the account of the clusters.
	account *moto.Account
	// baseline is the inventory of the account before the first cluster.
	baseline moto.Inventory
	// failure is the error that ended the test. It is logged last, after the output of the
	// processes.
	failure error
}

// The region and the domain of the quickstart document, and its API paths.
const (
	region       = "eu-central-1"
	domain       = "demo.example.test"
	demo         = "/v1/organizations/demo"
	demoAccounts = demo + "/accounts"
)

// startOnMoto starts moto and the suite with additional settings, creates organization and
// account, and prepares the account as its administrator does.
func startOnMoto(ctx context.Context, t *testing.T, settings ...string) *motoSuite {
	t.Helper()
	o := new(motoSuite)
	t.Cleanup(func() {
		if o.failure != nil {
			t.Log(o.failure)
		}
	})
	o.proxy = moto.Start(t)
	o.account = o.proxy.Account(account, region)
	o.separateProcesses = startSeparate(ctx, t, append(settings, "SKEP_AWS_ENDPOINT="+o.proxy.URL))
	must(t, o.restClient, http.MethodPut, demo, `{"spec": {"displayName": "Demo"}}`, new(identityv1.Organization))
	must(t, o.restClient, http.MethodPut, demoAccounts+"/main", `{"spec": {"awsAccountId": "`+account+`"}}`, new(identityv1.Account))
	ready := until(t, o.restClient, demoAccounts+":watch", events, func(m *identityv1.WatchAccountsResponse) bool {
		return m.GetAccount().GetStatus().GetExternalId() != "" && m.GetAccount().GetStatus().GetState() == typev1.State_READY
	}).GetAccount()
	o.account.Onboard(t, ready.GetStatus().GetExternalId(), domain, suite...)
	o.baseline = o.account.Inventory(t)
	return o
}

// create creates a cluster from a document.
func (o *motoSuite) create(t *testing.T, id, document string) {
	t.Helper()
	must(t, o.restClient, http.MethodPost, clusters+"?cluster_id="+id, document, new(clusterv1.Cluster))
}

// delete requests the deletion of a cluster.
func (o *motoSuite) delete(t *testing.T, id string) {
	t.Helper()
	must(t, o.restClient, http.MethodDelete, clusters+"/"+id, "", new(clusterv1.Cluster))
}

// untilReady waits until the cluster is ready in the generation or a later one.
func (o *motoSuite) untilReady(t *testing.T, id string, generation int64) *clusterv1.Cluster {
	t.Helper()
	return until(t, o.restClient, watchClusters, lines, func(m *clusterv1.WatchClustersResponse) bool {
		c := m.GetCluster()
		return strings.HasSuffix(c.GetName(), "/"+id) && c.GetStatus().GetState() == typev1.State_READY && c.GetStatus().GetObservedGeneration() >= generation
	}).GetCluster()
}

// untilDeleted waits until the cluster is deleted.
func (o *motoSuite) untilDeleted(t *testing.T, id string) {
	t.Helper()
	listed := false
	until(t, o.restClient, watchClusters, lines, func(m *clusterv1.WatchClustersResponse) bool {
		if strings.HasSuffix(m.GetCluster().GetName(), "/"+id) {
			listed = !m.GetDeleted()
		}
		return (m.GetSynced() || m.GetDeleted()) && !listed
	})
}

// change changes the spec of a cluster.
func (o *motoSuite) change(t *testing.T, id string, spec *clusterv1.ClusterSpec) *clusterv1.Cluster {
	t.Helper()
	document, err := protojson.Marshal(&clusterv1.Cluster{Spec: spec})
	require.NoError(t, err)
	return must(t, o.restClient, http.MethodPatch, clusters+"/"+id, string(document), new(clusterv1.Cluster))
}

// matchesStatus requires that the resources in moto are those in the status of the clusters,
// each once, and that each cluster has the given number of resources by type.
func (o *motoSuite) matchesStatus(t *testing.T, types map[string]int, all ...*clusterv1.Cluster) {
	t.Helper()
	existing := o.account.Inventory(t)
	created := existing.Without(o.baseline)
	total := make(map[string]int)
	for resourceType, n := range types {
		total[resourceType] = n * len(all)
	}
	require.Equal(t, total, created.Count(), "%s", strings.Join(created.Strings(), "\n"))
	for _, c := range all {
		seen, named := make(map[string]bool), make(map[string]bool)
		for _, item := range c.GetStatus().GetResources() {
			require.Equal(t, typev1.InventoryItem_READY, item.GetState(), item.GetName())
			require.False(t, named[item.GetName()], "%s is listed twice", item.GetName())
			named[item.GetName()], named[item.GetId()] = true, true
			if isID(item.GetId()) {
				require.True(t, existing.Has(item.GetId()), "%s %s is in the status and not in AWS", item.GetName(), item.GetId())
			}
		}
		own := created.Of(c.GetUid())
		require.NotEmpty(t, own)
		for _, found := range own {
			name := found.Tags[moto.TagResource]
			if createdByAWS(name) {
				continue
			}
			require.False(t, seen[found.Type+" "+name], "%s exists twice", found)
			seen[found.Type+" "+name] = true
			require.True(t, named[found.ID] || partOfAnother[found.Type] || named[strings.TrimPrefix(found.ID, "/hostedzone/")],
				"%s is in AWS and not in the status", found)
		}
	}
}

// portOf matches the id of a listener in the status: the ARN of its load balancer and its port.
var portOf = regexp.MustCompile(`:loadbalancer/.*:\d+$`)

// isID reports whether an id of the status is the id of one resource, not of a relation.
func isID(id string) bool {
	if strings.HasPrefix(id, "arn:") {
		return !portOf.MatchString(id)
	}
	for _, prefix := range []string{"vpc-", "subnet-", "nat-", "eipalloc-", "rtb-", "igw-", "sg-", "i-", "eni-", "lt-", "vol-", "vpce-"} {
		if strings.HasPrefix(id, prefix) {
			return !strings.Contains(id, "/")
		}
	}
	return false
}

// isEmpty requires that the account is as before the first cluster.
func (o *motoSuite) isEmpty(t *testing.T) {
	t.Helper()
	require.Equal(t, o.baseline.Strings(), o.account.Inventory(t).Strings())
	require.Empty(t, o.proxy.Failures(), "moto answered calls of Skep with a 5xx")
}
