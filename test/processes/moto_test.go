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

// quickstartKinds is what the quickstart cluster is made of in moto, counted by
// hand. Nodes come with two disks each, see moto.Gaps.
func quickstartKinds(nodes int) map[string]int {
	return map[string]int{
		"Vpc": 1, "Subnet": 6, "InternetGateway": 1, "NatGateway": 3, "Address": 3, "VpcEndpoint": 1,
		"RouteTable":    5, // the public one, one a zone, and the VPC's own
		"SecurityGroup": 7, // one a role, and the VPC's own
		"Role":          2, "InstanceProfile": 2,
		"LoadBalancer": 2, "TargetGroup": 3, "Listener": 3,
		"HostedZone": 1, "ResourceRecordSet": 5, // SOA, NS, two names, and the delegation
		"LaunchTemplate": 1, "AutoScalingGroup": 1,
		"Instance":         3 + 2 + nodes,
		"Volume":           3 + 3 + 2 + 2*nodes, // etcd, and the roots of members, hosts and nodes
		"NetworkInterface": 3 + 3 + 2 + nodes,   // of members, NAT gateways, hosts and nodes
	}
}

func TestAClusterIsMadeLeftAloneChangedAndRemovedInAnIndependentAWS(t *testing.T) {
	t.Parallel()
	o := onboarded(patient(t, 2*time.Minute), t, "SKEP_AWS_RESYNC_PERIOD=2s")
	o.create(t, "quickstart", quickstart(t))
	ready := o.ready(t, "quickstart", 1)
	o.isAsDeclared(t, quickstartKinds(3), ready)

	before := len(o.door.Calls())
	calls := o.door.Await(o.ctx, t, func(c moto.Calls) bool { return readTwice(c[before:]) })[before:]
	require.Zero(t, calls.Writes(), "a settled cluster is left alone: %s", calls)
	for _, action := range o.plan(t, "quickstart", quickstart(t)) {
		require.Equal(t, typev1.PlannedAction_KEEP, action.GetVerb(), action.GetResource())
	}

	workers := ready.GetSpec().GetNodePools()["workers"]
	workers.MinSize, workers.Labels = 4, map[string]string{"tier": "special"}
	before = len(o.door.Calls())
	changed := o.change(t, "quickstart", ready.GetSpec())
	ready = o.ready(t, "quickstart", changed.GetGeneration())
	o.isAsDeclared(t, quickstartKinds(4), ready)
	require.ElementsMatch(t, []string{"CreateLaunchTemplateVersion", "UpdateAutoScalingGroup", "CreateOrUpdateTags"},
		o.door.Calls()[before:].Written(), "only what the change is about is written")

	o.remove(t, "quickstart")
	o.gone(t, "quickstart")
	o.isAsBefore(t)
}

// readTwice reports whether everything was looked at twice, as far as the services
// of AWS tell.
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

// plan is what would be done for a cluster that is declared by a document.
func (o *overMoto) plan(t *testing.T, id, document string) []*typev1.PlannedAction {
	t.Helper()
	return must(t, o.face, http.MethodPost, clusters+":plan?cluster_id="+id, document, new(clusterv1.PlanClusterResponse)).GetActions()
}
