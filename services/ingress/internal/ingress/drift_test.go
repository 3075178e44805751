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

// endpoint is an API endpoint in a world of its own.
type endpoint struct {
	world  *awssim.World
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
		parent, err := w.PlantHostedZone(graphtest.Account, parentName)
		require.NoError(t, err)
		test(t, &endpoint{
			world: w, parent: parent, aws: ingress.NewAWS(config), ledger: graph.NewMemory("test"),
			spec: ingress.APIEndpointSpec{Zone: zoneName, Delegated: true, Port: 443, Network: plant(t.Context(), t, config)},
		})
	})
}

// survey looks at everything once.
func (e *endpoint) survey() graph.Report {
	return ingress.APIEndpointResources(e.spec, e.aws, owner).Ensure(context.Background(), graph.Walk{Ledger: e.ledger, Resync: true})
}

// settle brings the endpoint up.
func (e *endpoint) settle(t *testing.T) {
	t.Helper()
	e.survey()
	time.Sleep(3 * time.Minute)
	require.True(t, e.survey().Settled())
}

// changed lists what a report changed.
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

// entry is what the ledger remembers of a thing.
func (e *endpoint) entry(t *testing.T, name string) graph.Entry {
	t.Helper()
	entries := e.ledger.Entries()
	i := slices.IndexFunc(entries, func(entry graph.Entry) bool { return entry.Name == name })
	require.GreaterOrEqual(t, i, 0, "%s is not remembered", name)
	return entries[i]
}

// change makes one change to a zone, as somebody else would.
func (e *endpoint) change(t *testing.T, zone string, action types.ChangeAction, name string, kind types.RRType, values ...string) {
	t.Helper()
	set := &types.ResourceRecordSet{Name: aws.String(name), Type: kind, TTL: aws.Int64(60)}
	for _, value := range values {
		set.ResourceRecords = append(set.ResourceRecords, types.ResourceRecord{Value: aws.String(value)})
	}
	_, err := e.aws.ChangeResourceRecordSets(t.Context(), &route53.ChangeResourceRecordSetsInput{
		HostedZoneId: aws.String(zone), ChangeBatch: &types.ChangeBatch{Changes: []types.Change{{Action: action, ResourceRecordSet: set}}},
	})
	require.NoError(t, err)
}

func TestWhatSomebodyChangedIsRepaired(t *testing.T) {
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
		require.Equal(t, []string{"hosted-zone-tags", "delegation", "target-group/api", "target-group-attributes/api"}, changed(e.survey()))
		require.Empty(t, changed(e.survey()))
	})
}

func TestAPortIsMovedInPlace(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, e *endpoint) {
		e.settle(t)
		e.spec.Port = 6443
		require.Equal(t, []string{"listener/api"}, changed(e.survey()))
		require.Empty(t, changed(e.survey()))
		require.Contains(t, e.world.String(), "Listener orchid/listener/api")
	})
}

func TestANameThatIsDelegatedElsewhereIsNotTakenOver(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, e *endpoint) {
		e.change(t, e.parent, types.ChangeActionCreate, zoneName, types.RRTypeNs, "ns.elsewhere.test.")
		var refusal error
		for range 2 {
			for _, step := range e.survey() {
				if step.Name == "delegation" {
					refusal = step.Err
				}
			}
			require.ErrorContains(t, refusal, "delegates "+zoneName+" to ns.elsewhere.test already")
			require.Equal(t, fault.Configuration, fault.Of(refusal).Class)
			time.Sleep(3 * time.Minute)
		}
		before := e.world.String()
		require.Contains(t, before, "RecordSet "+zoneName+".: NS of 1 for 60s")
		for range 20 {
			if e.delete().Settled() {
				break
			}
			time.Sleep(10 * time.Second)
		}
		require.Empty(t, e.ledger.Entries())
		require.Contains(t, e.world.String(), "RecordSet "+zoneName+".: NS of 1 for 60s", "the record of somebody else is gone")
	})
}

func TestAZoneWithForeignRecordsIsKeptAndTheyAreNamed(t *testing.T) {
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
		require.ErrorContains(t, report.Err(), "has records that Skep did not make: shop."+zoneName+" A")
		require.Equal(t, fault.Dependency, fault.Of(report.Err()).Class)

		e.change(t, zone, types.ChangeActionDelete, "shop."+zoneName, types.RRTypeA, "198.51.100.7")
		require.True(t, e.delete().Settled())
		require.Empty(t, e.ledger.Entries())
	})
}

func TestALoadBalancerIsGoneOnlyWhenItsSubnetsAreFree(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, e *endpoint) {
		e.settle(t)
		require.Contains(t, e.world.String(), "NetworkInterface")
		for range 60 {
			if e.delete().Settled() {
				require.NotContains(t, e.world.String(), "NetworkInterface")
				return
			}
			time.Sleep(time.Second)
		}
		require.Fail(t, "the endpoint was not deleted")
	})
}

func TestWithoutANetworkTheZoneIsMadeAllTheSame(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, e *endpoint) {
		e.spec.Network = ingress.Network{Name: "network orchid"}
		report := e.survey()
		require.NoError(t, report.Err())
		require.Equal(t, []string{"hosted-zone", "hosted-zone-tags", "parent-zone", "delegation"}, changed(report))
		require.Zero(t, report.RequeueAfter(), "only the network can help")
	})
}
