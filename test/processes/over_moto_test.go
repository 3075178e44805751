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

// overMoto is the suite in processes of their own, and moto as AWS.
type overMoto struct {
	*separate
	door *moto.Door
	// account is the account that is built in.
	account *moto.Account
	// before is what was in it before anything was built.
	before moto.Inventory
	// stuck is what a test waited for in vain. It is told last, after all that the
	// processes said.
	stuck error
}

// The region and the domain of the quickstart document, and the names in it.
const (
	region       = "eu-central-1"
	domain       = "demo.example.test"
	demo         = "/v1/organizations/demo"
	demoAccounts = demo + "/accounts"
)

// onboarded starts moto and the suite with more settings, declares organization
// and account, and does what the administrator of the account does.
func onboarded(ctx context.Context, t *testing.T, settings ...string) *overMoto {
	t.Helper()
	o := new(overMoto)
	t.Cleanup(func() {
		if o.stuck != nil {
			t.Log(o.stuck)
		}
	})
	o.door = moto.Start(t)
	o.account = o.door.Account(account, region)
	o.separate = apart(ctx, t, append(settings, "SKEP_AWS_ENDPOINT="+o.door.URL))
	must(t, o.face, http.MethodPut, demo, `{"spec": {"displayName": "Demo"}}`, new(identityv1.Organization))
	must(t, o.face, http.MethodPut, demoAccounts+"/main", `{"spec": {"awsAccountId": "`+account+`"}}`, new(identityv1.Account))
	ready := until(t, o.face, demoAccounts+":watch", events, func(m *identityv1.WatchAccountsResponse) bool {
		return m.GetAccount().GetStatus().GetExternalId() != "" && m.GetAccount().GetStatus().GetState() == typev1.State_READY
	}).GetAccount()
	o.account.Onboard(t, ready.GetStatus().GetExternalId(), domain, suite...)
	o.before = o.account.Inventory(t)
	return o
}

// create declares a cluster by a document.
func (o *overMoto) create(t *testing.T, id, document string) {
	t.Helper()
	must(t, o.face, http.MethodPost, clusters+"?cluster_id="+id, document, new(clusterv1.Cluster))
}

// remove asks for a cluster to be removed.
func (o *overMoto) remove(t *testing.T, id string) {
	t.Helper()
	must(t, o.face, http.MethodDelete, clusters+"/"+id, "", new(clusterv1.Cluster))
}

// ready waits until the cluster is ready in a generation or a later one.
func (o *overMoto) ready(t *testing.T, id string, generation int64) *clusterv1.Cluster {
	t.Helper()
	return until(t, o.face, watchClusters, lines, func(m *clusterv1.WatchClustersResponse) bool {
		c := m.GetCluster()
		return strings.HasSuffix(c.GetName(), "/"+id) && c.GetStatus().GetState() == typev1.State_READY && c.GetStatus().GetObservedGeneration() >= generation
	}).GetCluster()
}

// gone waits until the cluster is gone.
func (o *overMoto) gone(t *testing.T, id string) {
	t.Helper()
	there := false
	until(t, o.face, watchClusters, lines, func(m *clusterv1.WatchClustersResponse) bool {
		if strings.HasSuffix(m.GetCluster().GetName(), "/"+id) {
			there = !m.GetDeleted()
		}
		return (m.GetSynced() || m.GetDeleted()) && !there
	})
}

// change declares a cluster anew.
func (o *overMoto) change(t *testing.T, id string, spec *clusterv1.ClusterSpec) *clusterv1.Cluster {
	t.Helper()
	document, err := protojson.Marshal(&clusterv1.Cluster{Spec: spec})
	require.NoError(t, err)
	return must(t, o.face, http.MethodPatch, clusters+"/"+id, string(document), new(clusterv1.Cluster))
}

// isAsDeclared proves that what moto has more than before is what the status of
// these clusters names, each thing once, and of each kind as many as it should be.
func (o *overMoto) isAsDeclared(t *testing.T, kinds map[string]int, all ...*clusterv1.Cluster) {
	t.Helper()
	there := o.account.Inventory(t)
	made := there.Without(o.before)
	total := make(map[string]int)
	for kind, n := range kinds {
		total[kind] = n * len(all)
	}
	require.Equal(t, total, made.Count(), "%s", strings.Join(made.Strings(), "\n"))
	for _, c := range all {
		seen, named := make(map[string]bool), make(map[string]bool)
		for _, item := range c.GetStatus().GetResources() {
			require.Equal(t, typev1.InventoryItem_READY, item.GetState(), item.GetName())
			require.False(t, named[item.GetName()], "%s is listed twice", item.GetName())
			named[item.GetName()], named[item.GetId()] = true, true
			if isID(item.GetId()) {
				require.True(t, there.Has(item.GetId()), "%s %s is in the status and not in AWS", item.GetName(), item.GetId())
			}
		}
		own := made.Of(c.GetUid())
		require.NotEmpty(t, own)
		for _, thing := range own {
			resource := thing.Tags[moto.TagResource]
			if madeByAWS(resource) {
				continue
			}
			require.False(t, seen[thing.Kind+" "+resource], "%s is there twice", thing)
			seen[thing.Kind+" "+resource] = true
			require.True(t, named[thing.ID] || partOfAnother[thing.Kind] || named[strings.TrimPrefix(thing.ID, "/hostedzone/")],
				"%s is in AWS and not in the status", thing)
		}
	}
}

// portOf matches what stands for a listener: the ARN of its load balancer and its port.
var portOf = regexp.MustCompile(`:loadbalancer/.*:\d+$`)

// isID reports whether an id of the status is that of one thing, and not of two
// that are joined.
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

// isAsBefore proves that nothing is left.
func (o *overMoto) isAsBefore(t *testing.T) {
	t.Helper()
	require.Equal(t, o.before.Strings(), o.account.Inventory(t).Strings())
	require.Empty(t, o.door.Failures(), "moto cannot do everything that Skep asks it for")
}
