package processes_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/test/moto"
)

// quickstartResources returns the number of resources of the quickstart cluster in moto by
// type, counted by hand. Each node has two disks; see moto.Gaps.
func quickstartResources(nodes int) map[string]int {
	return map[string]int{
		"Vpc": 1, "Subnet": 6, "InternetGateway": 1, "NatGateway": 3, "Address": 3, "VpcEndpoint": 1,
		"RouteTable":    5, // the public one, one per zone, and the main table of the VPC
		"SecurityGroup": 7, // one per role of machines, and the default group of the VPC
		"Role":          2, "InstanceProfile": 2,
		"LoadBalancer": 2, "TargetGroup": 3, "Listener": 3,
		"HostedZone": 1, "ResourceRecordSet": 5, // SOA, NS, two names, and the delegation
		"LaunchTemplate": 1, "AutoScalingGroup": 1,
		"Instance":         3 + 2 + nodes,
		"Volume":           3 + 3 + 2 + 2*nodes, // etcd, and root volumes of members, bastions and nodes
		"NetworkInterface": 3 + 3 + 2 + nodes,   // of members, NAT gateways, bastions and nodes
	}
}

func TestAClusterIsCreatedChangedAndDeletedInMoto(t *testing.T) {
	t.Parallel()
	o := startOnMoto(withTimeout(t, 2*time.Minute), t, "SKEP_AWS_RESYNC_PERIOD=2s")
	o.create(t, "quickstart", quickstart(t))
	ready := o.untilReady(t, "quickstart", 1)
	o.matchesStatus(t, quickstartResources(3), ready)

	before := len(o.proxy.Calls())
	calls := o.proxy.Await(o.ctx, t, func(c moto.Calls) bool { return readTwice(c[before:]) })[before:]
	require.Zero(t, calls.Writes(), "a resync made mutating calls: %s", calls)
	for _, action := range o.plan(t, "quickstart", quickstart(t)) {
		require.Equal(t, typev1.PlannedAction_KEEP, action.GetVerb(), action.GetResource())
	}

	workers := ready.GetSpec().GetNodePools()["workers"]
	workers.MinSize, workers.Labels = 4, map[string]string{"tier": "special"}
	before = len(o.proxy.Calls())
	changed := o.change(t, "quickstart", ready.GetSpec())
	ready = o.untilReady(t, "quickstart", changed.GetGeneration())
	o.matchesStatus(t, quickstartResources(4), ready)
	require.ElementsMatch(t, []string{"CreateLaunchTemplateVersion", "UpdateAutoScalingGroup", "CreateOrUpdateTags"},
		o.proxy.Calls()[before:].Written(), "the change made other mutating calls")

	o.delete(t, "quickstart")
	o.untilDeleted(t, "quickstart")
	o.isEmpty(t)
}

// readTwice reports whether each AWS service was called twice, which shows two resyncs.
func readTwice(calls moto.Calls) bool {
	times := make(map[string]int)
	for _, call := range calls {
		times[call.Service]++
	}
	for _, service := range []string{"ec2", "autoscaling", "elasticloadbalancing", "route53", "iam"} {
		if times[service] < 2 {
			return false
		}
	}
	return true
}

// plan returns the planned actions of a document.
func (o *motoSuite) plan(t *testing.T, id, document string) []*typev1.PlannedAction {
	t.Helper()
	return must(t, o.restClient, http.MethodPost, clusters+":plan?cluster_id="+id, document, new(clusterv1.PlanClusterResponse)).GetActions()
}
