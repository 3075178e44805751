package processes_test

import (
	"context"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

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
}

// The region and the domain of the quickstart document.
const (
	region = "eu-central-1"
	domain = "demo.example.test"
)

// motoAtPace is how moto is reached, and how many times faster than AWS it is
// said to be: it answers at once, so that a wait for it is a wait for nothing.
func motoAtPace(door *moto.Door, pace string) []string {
	return []string{"SKEP_AWS_ENDPOINT=" + door.URL, "SKEP_AWS_PACE=" + pace}
}

// onboarded starts moto and the suite, declares organization and account, and does
// what the administrator of the account does.
func onboarded(ctx context.Context, t *testing.T, pace string) *overMoto {
	t.Helper()
	door := moto.Start(t)
	o := &overMoto{separate: apart(ctx, t, motoAtPace(door, pace)), door: door, account: door.Account(account, region)}
	must(t, o.face, http.MethodPut, "/v1/organizations/demo", `{"spec": {"displayName": "Demo"}}`, new(identityv1.Organization))
	must(t, o.face, http.MethodPut, "/v1/organizations/demo/accounts/main", `{"spec": {"awsAccountId": "`+account+`"}}`, new(identityv1.Account))
	ready := until(t, o.face, "/v1/organizations/demo/accounts:watch", events, func(m *identityv1.WatchAccountsResponse) bool {
		return m.GetAccount().GetStatus().GetExternalId() != "" && m.GetAccount().GetStatus().GetState() == typev1.State_READY
	}).GetAccount()
	o.account.Onboard(t, ready.GetStatus().GetExternalId(), domain, suite...)
	return o
}

func TestACLusterIsMadeLeftAloneChangedAndRemovedInAnIndependentAWS(t *testing.T) {
	t.Parallel()
	o := onboarded(patient(t, 3*time.Minute), t, "60")
	before := o.account.Inventory(t)
	must(t, o.face, http.MethodPost, clusters+"?cluster_id=quickstart", quickstart(t), new(clusterv1.Cluster))
	if os.Getenv("X") != "" {
		go func() {
			time.Sleep(30 * time.Second)
			for n, s := range o.services {
				t.Log(n, s.said())
			}
		}()
	}
	ready := until(t, o.face, watchClusters, lines, func(m *clusterv1.WatchClustersResponse) bool {
		return m.GetCluster().GetStatus().GetState() == typev1.State_READY
	}).GetCluster()
	for _, x := range o.account.Inventory(t).Without(before) {
		t.Log(x)
	}
	t.Log(ready.GetUid(), o.door.Calls())
	must(t, o.face, http.MethodDelete, clusterPath, "", new(clusterv1.Cluster))
	until(t, o.face, watchClusters, lines, func(m *clusterv1.WatchClustersResponse) bool {
		return m.GetDeleted() && m.GetCluster().GetName() == clusterName
	})
	require.Equal(t, before.Strings(), o.account.Inventory(t).Strings())
}
