package network_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
	awssim "github.com/skep-dev/skep/libs/sim/aws"
	"github.com/skep-dev/skep/libs/sim/graphtest"
	"github.com/skep-dev/skep/services/network/internal/network"
)

// ownedNetwork is a network in simulated AWS whose owner changes.
type ownedNetwork struct {
	*awssim.Simulation
	ec2    *ec2.Client
	ledger *graph.Memory
	spec   network.Spec
}

// resync repeats a resync for an owner until the graph is settled, and returns the names of the
// mutating operations.
func (n *ownedNetwork) resync(t *testing.T, owner session.Owner) []string {
	t.Helper()
	before := len(n.Mutations())
	for range 300 {
		report := network.Resources(n.spec, n.ec2, owner).Ensure(t.Context(), graph.Walk{Ledger: n.ledger, Factories: network.Factories(n.ec2, owner), Resync: true})
		require.NoError(t, report.Err())
		if report.Settled() {
			var operations []string
			for _, call := range n.Mutations()[before:] {
				operations = append(operations, call.Operation)
			}
			return operations
		}
		time.Sleep(max(report.RequeueAfter(), time.Second))
	}
	require.Fail(t, "did not settle")
	return nil
}

// requireTagsOf requires that every resource carries the tags of owner, and of no other owner.
func (n *ownedNetwork) requireTagsOf(t *testing.T, owner session.Owner) {
	t.Helper()
	for _, e := range n.Ledger() {
		if e.Tags[session.TagInstallation] == "" {
			continue
		}
		require.Equal(t, owner.Cluster, e.Tags[session.TagCluster], e.Tags[session.TagResource])
		require.NotEmpty(t, e.Tags[session.TagIntent])
		for key := range e.Tags {
			if uid, ok := strings.CutPrefix(key, "kubernetes.io/cluster/"); ok {
				require.Contains(t, []string{owner.Cluster, "foreign"}, uid)
			}
		}
		if strings.Contains(e.Tags[session.TagResource], "/subnet/") {
			require.Equal(t, "shared", e.Tags["kubernetes.io/cluster/"+owner.Cluster])
			require.Equal(t, "shared", e.Tags["kubernetes.io/cluster/foreign"], "the tag of another creator was removed")
			require.Equal(t, "by hand", e.Tags["Name"])
		}
	}
}

func TestANetworkIsTaggedOncePerChangeOfOwner(t *testing.T) {
	for name, lag := range map[string]time.Duration{"tags show at once": 0, "tags show late": graph.ConsistencyWindow - time.Second} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim, err := awssim.New(awssim.Options{Seed: 1, TagLag: lag})
				require.NoError(t, err)
				n := &ownedNetwork{Simulation: sim, ec2: ec2.NewFromConfig(sim.Config(graphtest.Account, graphtest.Region)),
					ledger: graph.NewMemory("test"), spec: spec(t, network.NATPerZone, "eu-central-1a", "eu-central-1b")}
				n.resync(t, owner)
				for _, e := range n.Ledger() {
					if strings.Contains(e.Tags[session.TagResource], "/subnet/") {
						require.NoError(t, tag(t, n.ec2, e.ID, "kubernetes.io/cluster/foreign", "shared"))
						require.NoError(t, tag(t, n.ec2, e.ID, "Name", "by hand"))
					}
				}
				time.Sleep(2 * graph.ConsistencyWindow)
				next, last := owner, owner
				next.Cluster, last.Cluster = "nextuid111", "lastuid111"
				calls := n.resync(t, next)
				require.Len(t, calls, 20+5, "one call per resource, and one for each resource with a stale tag: %v", calls)
				n.requireTagsOf(t, next)
				require.Empty(t, n.resync(t, next), "the tags were written twice")
				// The owner changes again before EC2 shows the first change.
				require.Len(t, n.resync(t, last), 20+5)
				n.requireTagsOf(t, last)
				time.Sleep(2 * graph.ConsistencyWindow)
				require.Empty(t, n.resync(t, last))
				n.requireTagsOf(t, last)
			})
		})
	}
}

func tag(t *testing.T, api *ec2.Client, id, key, value string) error {
	t.Helper()
	_, err := api.CreateTags(t.Context(), &ec2.CreateTagsInput{Resources: []string{id}, Tags: []types.Tag{{Key: aws.String(key), Value: aws.String(value)}}})
	return err
}

func TestDriftThatTagsCannotRepairIsReported(t *testing.T) {
	graphtest.Play(t, func(t *testing.T, _ *awssim.Simulation, config aws.Config) {
		n := &ownedNetwork{ec2: ec2.NewFromConfig(config), ledger: graph.NewMemory("test"), spec: spec(t, network.Closed, "eu-central-1a")}
		resync := func() graph.Report {
			return network.Resources(n.spec, n.ec2, owner).Ensure(t.Context(), graph.Walk{Ledger: n.ledger, Factories: network.Factories(n.ec2, owner), Resync: true})
		}
		for !resync().Settled() {
			time.Sleep(time.Second)
		}
		n.spec.Zones[0].Private = n.spec.Zones[0].Public
		require.ErrorContains(t, resync().Err(), "cannot be changed in place")
	})
}
