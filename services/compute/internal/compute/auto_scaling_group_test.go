package compute_test

import (
	"maps"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/platform/fault"
	awssim "github.com/skep-dev/skep/libs/sim/aws"
	"github.com/skep-dev/skep/libs/sim/graphtest"
	"github.com/skep-dev/skep/services/compute/internal/compute"
)

const (
	groupName = "orchiduid1-workers"
	nodeLabel = "k8s.io/cluster-autoscaler/node-template/label/"
)

// runningPool is a node pool in its own simulated AWS.
type runningPool struct {
	sim    *awssim.Simulation
	aws    compute.AWS
	spec   compute.NodePoolSpec
	ledger *graph.Memory
}

// withPool runs a test on a ready node pool with these labels.
func withPool(t *testing.T, labels map[string]string, test func(t *testing.T, p *runningPool)) {
	t.Helper()
	graphtest.Play(t, func(t *testing.T, w *awssim.Simulation, config aws.Config) {
		p := &runningPool{sim: w, aws: compute.Open(config), spec: newFixtures(t.Context(), t, config).nodePool(), ledger: graph.NewMemory("test")}
		p.spec.Labels = labels
		time.Sleep(2 * awssim.Latency("InstanceProfile/usable"))
		p.resync(t)
		time.Sleep(3 * time.Minute)
		require.True(t, p.resync(t).Settled())
		test(t, p)
	})
}

// resync reconciles the pool once and observes every resource.
func (p *runningPool) resync(t *testing.T) graph.Report {
	t.Helper()
	report := compute.NodePoolResources(p.spec, p.aws, owner).Ensure(t.Context(), graph.Walk{Ledger: p.ledger, Resync: true})
	require.NoError(t, report.Err())
	return report
}

// changed returns the names of the resources that one resync changes, and then waits until the pool is settled. It
// omits resources that the resync observes again only because a dependency changed.
func (p *runningPool) changed(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, step := range p.resync(t) {
		if step.Outcome != graph.Unchanged && step.Outcome != graph.Blocked {
			names = append(names, step.Name)
		}
	}
	time.Sleep(time.Minute)
	require.True(t, p.resync(t).Settled())
	return names
}

// group returns the Auto Scaling group as AWS shows it.
func (p *runningPool) group(t *testing.T) types.AutoScalingGroup {
	t.Helper()
	out, err := p.aws.DescribeAutoScalingGroups(t.Context(), &autoscaling.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: []string{groupName}})
	require.NoError(t, err)
	require.Len(t, out.AutoScalingGroups, 1)
	return out.AutoScalingGroups[0]
}

// tags returns the tags of the group as AWS shows them.
func (p *runningPool) tags(t *testing.T) map[string]string {
	t.Helper()
	tags := make(map[string]string)
	for _, tag := range p.group(t).Tags {
		tags[*tag.Key] = *tag.Value
	}
	return tags
}

// tag writes a tag, as another client would.
func (p *runningPool) tag(t *testing.T, key, value string) {
	t.Helper()
	_, err := p.aws.CreateOrUpdateTags(t.Context(), &autoscaling.CreateOrUpdateTagsInput{Tags: []types.Tag{
		{ResourceId: aws.String(groupName), ResourceType: aws.String("auto-scaling-group"), Key: aws.String(key), Value: aws.String(value)},
	}})
	require.NoError(t, err)
}

func TestANodeLabelChangeUpdatesGroupTagsAndKeepsForeignOnes(t *testing.T) {
	withPool(t, map[string]string{"tier": "general", "dedicated": "web"}, func(t *testing.T, p *runningPool) {
		p.tag(t, "cost-center", "4711")
		p.tag(t, nodeLabel+"example.com/by-hand", "yes")
		want := p.tags(t)
		require.Equal(t, "general", want[nodeLabel+"tier"])
		require.Empty(t, p.changed(t), "foreign tags count as drift")

		p.spec.Labels = map[string]string{"tier": "special", "gpu": "none"}
		require.Equal(t, []string{"launch-template", "auto-scaling-group"}, p.changed(t))
		delete(want, nodeLabel+"dedicated")
		maps.Copy(want, map[string]string{nodeLabel + "tier": "special", nodeLabel + "gpu": "none"})
		require.Equal(t, want, p.tags(t))
		require.Empty(t, p.changed(t))

		p.spec.Labels = nil
		p.changed(t)
		delete(want, nodeLabel+"tier")
		delete(want, nodeLabel+"gpu")
		require.Equal(t, want, p.tags(t))
		require.Empty(t, p.changed(t))
	})
}

func TestResyncRestoresChangedTagsOfTheGroup(t *testing.T) {
	withPool(t, map[string]string{"tier": "general"}, func(t *testing.T, p *runningPool) {
		want := p.tags(t)
		p.tag(t, nodeLabel+"tier", "elsewhere")
		p.tag(t, "k8s.io/cluster-autoscaler/orchiduid1", "shared")
		_, err := p.aws.DeleteTags(t.Context(), &autoscaling.DeleteTagsInput{Tags: []types.Tag{
			{ResourceId: aws.String(groupName), ResourceType: aws.String("auto-scaling-group"), Key: aws.String(session.TagCluster)},
		}})
		require.NoError(t, err)
		require.Equal(t, []string{"auto-scaling-group"}, p.changed(t))
		require.Equal(t, want, p.tags(t))
		require.Empty(t, p.changed(t))
	})
}

func TestAChangeOfAPoolUpdatesItInPlace(t *testing.T) {
	withPool(t, nil, func(t *testing.T, p *runningPool) {
		p.spec.Min, p.spec.Max = 2, 9
		require.Equal(t, []string{"auto-scaling-group"}, p.changed(t), "a change of size created a new template version")
		require.EqualValues(t, 2, *p.group(t).MinSize)
		require.EqualValues(t, 9, *p.group(t).MaxSize)

		p.spec.InstanceTypes = []string{"m7i.xlarge", "m6i.xlarge", "m5.xlarge"}
		require.Equal(t, []string{"launch-template", "auto-scaling-group"}, p.changed(t))
		template := p.group(t).MixedInstancesPolicy.LaunchTemplate
		require.Equal(t, "2", *template.LaunchTemplateSpecification.Version)
		require.Len(t, template.Overrides, 3)
		require.Equal(t, "m7i.xlarge", *template.Overrides[0].InstanceType)

		p.spec.InstanceTypes = []string{"m6i.xlarge", "m5.xlarge"}
		require.Equal(t, []string{"launch-template", "auto-scaling-group"}, p.changed(t))
		require.Equal(t, "3", *p.group(t).MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification.Version)
		require.Empty(t, p.changed(t))
	})
}

func TestAGroupWithoutCapacityReportsTheFaultOfAWS(t *testing.T) {
	withPool(t, nil, func(t *testing.T, p *runningPool) {
		for _, zone := range p.spec.Network.Zones {
			for _, name := range p.spec.InstanceTypes {
				require.NoError(t, p.sim.SetCapacity(zone, name, 0))
			}
		}
		p.spec.Min = 5
		p.resync(t)
		report := compute.NodePoolResources(p.spec, p.aws, owner).Ensure(t.Context(), graph.Walk{Ledger: p.ledger, Resync: true})
		f := fault.Of(report.Err())
		require.Equal(t, fault.Capacity, f.Class)
		require.Equal(t, fault.ActorNone, f.Actor())
		require.Contains(t, f.Message, "sufficient m5.xlarge capacity")
	})
}

func TestNodesHaveTheClusterTagAndNoAutoscalerTags(t *testing.T) {
	withPool(t, map[string]string{"tier": "general"}, func(t *testing.T, p *runningPool) {
		nodes := p.sim.Nodes(graphtest.Account, graphtest.Region)
		require.Len(t, nodes, 3)
		for _, node := range nodes {
			require.Equal(t, "owned", node.Tags["kubernetes.io/cluster/orchiduid1"])
			require.Equal(t, "orchid/node", node.Tags["Name"])
			require.NotContains(t, node.Tags, nodeLabel+"tier")
		}
	})
}
