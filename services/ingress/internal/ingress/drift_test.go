package ingress_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/aws/ratelimit"
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/platform/fault"
	awssim "github.com/skep-dev/skep/libs/sim/aws"
	"github.com/skep-dev/skep/libs/sim/graphtest"
	"github.com/skep-dev/skep/services/ingress/internal/ingress"
)

// endpoint is an API endpoint in its own simulated AWS.
type endpoint struct {
	sim    *awssim.Simulation
	parent string
	aws    ingress.AWS
	spec   ingress.APIEndpointSpec
	ledger *graph.Memory
}

func inBubble(t *testing.T, test func(t *testing.T, e *endpoint)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w, err := awssim.New(awssim.Options{Seed: 1})
		require.NoError(t, err)
		config := w.Config(graphtest.Account, graphtest.Region)
		session.Instrument(&config, ratelimit.New(ratelimit.NewLocal(1)), graphtest.Account)
		parent, err := w.PutHostedZone(graphtest.Account, parentName)
		require.NoError(t, err)
		test(t, &endpoint{
			sim: w, parent: parent, aws: ingress.NewAWS(config), ledger: graph.NewMemory("test"),
			spec: ingress.APIEndpointSpec{Zone: zoneName, Delegated: true, Port: 443, Network: fixtureNetwork(t.Context(), t, config)},
		})
	})
}

// resync reconciles the endpoint once and observes every resource.
func (e *endpoint) resync() graph.Report {
	return ingress.APIEndpointResources(e.spec, e.aws, owner).Ensure(context.Background(), graph.Walk{Ledger: e.ledger, Resync: true})
}

// settle waits until the endpoint is settled.
func (e *endpoint) settle(t *testing.T) {
	t.Helper()
	e.resync()
	time.Sleep(3 * time.Minute)
	require.True(t, e.resync().Settled())
}

// changed returns the names of the resources that a reconciliation changed.
func changed(report graph.Report) []string {
	var names []string
	for _, step := range report {
		if step.Outcome == graph.Changed {
			names = append(names, step.Name)
		}
	}
	return names
}

func (e *endpoint) delete() graph.Report {
	return graph.Walk{Ledger: e.ledger, Factories: ingress.Factories(e.aws, owner)}.Delete(context.Background())
}

// entry returns the ledger entry of a resource.
func (e *endpoint) entry(t *testing.T, name string) graph.Entry {
	t.Helper()
	entries := e.ledger.Entries()
	i := slices.IndexFunc(entries, func(entry graph.Entry) bool { return entry.Name == name })
	require.GreaterOrEqual(t, i, 0, "the ledger has no %s", name)
	return entries[i]
}

// change makes one change to a zone, as another client would.
func (e *endpoint) change(t *testing.T, zone string, action types.ChangeAction, name string, recordType types.RRType, values ...string) {
	t.Helper()
	set := &types.ResourceRecordSet{Name: aws.String(name), Type: recordType, TTL: aws.Int64(60)}
	for _, value := range values {
		set.ResourceRecords = append(set.ResourceRecords, types.ResourceRecord{Value: aws.String(value)})
	}
	_, err := e.aws.ChangeResourceRecordSets(t.Context(), &route53.ChangeResourceRecordSetsInput{
		HostedZoneId: aws.String(zone), ChangeBatch: &types.ChangeBatch{Changes: []types.Change{{Action: action, ResourceRecordSet: set}}},
	})
	require.NoError(t, err)
}

func TestResyncRestoresChangedResources(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, e *endpoint) {
		e.settle(t)
		ctx, group := t.Context(), aws.String(e.entry(t, "target-group/api").ID)
		_, err := e.aws.ModifyTargetGroupAttributes(ctx, &elb.ModifyTargetGroupAttributesInput{TargetGroupArn: group,
			Attributes: []elbtypes.TargetGroupAttribute{{Key: aws.String("preserve_client_ip.enabled"), Value: aws.String("true")}}})
		require.NoError(t, err)
		_, err = e.aws.ModifyTargetGroup(ctx, &elb.ModifyTargetGroupInput{TargetGroupArn: group, HealthyThresholdCount: aws.Int32(9)})
		require.NoError(t, err)
		_, err = e.aws.ChangeTagsForResource(ctx, &route53.ChangeTagsForResourceInput{ResourceType: types.TagResourceTypeHostedzone,
			ResourceId: aws.String(e.entry(t, "hosted-zone").ID), RemoveTagKeys: []string{session.TagCluster}})
		require.NoError(t, err)
		e.change(t, e.parent, types.ChangeActionUpsert, zoneName, types.RRTypeNs, "ns.elsewhere.test.")
		require.Equal(t, []string{"hosted-zone-tags", "delegation", "target-group/api", "target-group-attributes/api"}, changed(e.resync()))
		require.Empty(t, changed(e.resync()))
	})
}

func TestAChangedPortUpdatesTheListenerInPlace(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, e *endpoint) {
		e.settle(t)
		e.spec.Port = 6443
		require.Equal(t, []string{"listener/api"}, changed(e.resync()))
		require.Empty(t, changed(e.resync()))
		require.Contains(t, e.sim.String(), "Listener orchid/listener/api")
	})
}

func TestAForeignDelegationIsReportedAndKept(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, e *endpoint) {
		e.change(t, e.parent, types.ChangeActionCreate, zoneName, types.RRTypeNs, "ns.elsewhere.test.")
		var refusal error
		for range 2 {
			for _, step := range e.resync() {
				if step.Name == "delegation" {
					refusal = step.Err
				}
			}
			require.ErrorContains(t, refusal, "delegates "+zoneName+" to ns.elsewhere.test already")
			require.Equal(t, fault.Configuration, fault.Of(refusal).Class)
			time.Sleep(3 * time.Minute)
		}
		before := e.sim.String()
		require.Contains(t, before, "RecordSet "+zoneName+".: NS of 1 for 60s")
		for range 20 {
			if e.delete().Settled() {
				break
			}
			time.Sleep(10 * time.Second)
		}
		require.Empty(t, e.ledger.Entries())
		require.Contains(t, e.sim.String(), "RecordSet "+zoneName+".: NS of 1 for 60s", "the foreign record was deleted")
	})
}

func TestAZoneWithForeignRecordsIsKeptAndTheFaultNamesThem(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, e *endpoint) {
		e.settle(t)
		zone := e.entry(t, "hosted-zone").ID
		e.change(t, zone, types.ChangeActionCreate, "shop."+zoneName, types.RRTypeA, "198.51.100.7")
		var report graph.Report
		for range 20 {
			report = e.delete()
			time.Sleep(10 * time.Second)
		}
		require.Len(t, e.ledger.Entries(), 1)
		require.ErrorContains(t, report.Err(), "has records of other creators: shop."+zoneName+" A")
		require.Equal(t, fault.Dependency, fault.Of(report.Err()).Class)

		e.change(t, zone, types.ChangeActionDelete, "shop."+zoneName, types.RRTypeA, "198.51.100.7")
		require.True(t, e.delete().Settled())
		require.Empty(t, e.ledger.Entries())
	})
}

func TestDeleteOfALoadBalancerWaitsForItsNetworkInterfaces(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, e *endpoint) {
		e.settle(t)
		require.Contains(t, e.sim.String(), "NetworkInterface")
		for range 60 {
			if e.delete().Settled() {
				require.NotContains(t, e.sim.String(), "NetworkInterface")
				return
			}
			time.Sleep(time.Second)
		}
		require.Fail(t, "the endpoint was not deleted")
	})
}

func TestTheZoneIsCreatedWithoutANetwork(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, e *endpoint) {
		e.spec.Network = ingress.Network{Name: "network orchid"}
		report := e.resync()
		require.NoError(t, report.Err())
		require.Equal(t, []string{"hosted-zone", "hosted-zone-tags", "parent-zone", "delegation"}, changed(report))
		require.Zero(t, report.RequeueAfter(), "the dependency wakes the reconciler")
	})
}
