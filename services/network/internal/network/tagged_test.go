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

// house is a network that changes hands, in a world where tags show late.
type house struct {
	*awssim.World
	ec2    *ec2.Client
	ledger *graph.Memory
	spec   network.Spec
}

// pass makes passes with a look at everything until one settles, and returns the
// operations that changed something.
func (h *house) pass(t *testing.T, owner session.Owner) []string {
	t.Helper()
	before := len(h.Mutations())
	for range 300 {
		report := network.Resources(h.spec, h.ec2, owner).Ensure(t.Context(), graph.Walk{Ledger: h.ledger, Factories: network.Factories(h.ec2, owner), Resync: true})
		require.NoError(t, report.Err())
		if report.Settled() {
			var made []string
			for _, call := range h.Mutations()[before:] {
				made = append(made, call.Operation)
			}
			return made
		}
		time.Sleep(max(report.RequeueAfter(), time.Second))
	}
	require.Fail(t, "did not settle")
	return nil
}

// carries proves that everything carries the tags of an owner, and no other's.
func (h *house) carries(t *testing.T, owner session.Owner) {
	t.Helper()
	for _, e := range h.Ledger() {
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
			require.Equal(t, "shared", e.Tags["kubernetes.io/cluster/foreign"], "the tag of another was taken")
			require.Equal(t, "by hand", e.Tags["Name"])
		}
	}
}

func TestANetworkThatChangesHandsIsTaggedOnceForItsNewOwner(t *testing.T) {
	for name, lag := range map[string]time.Duration{"tags show at once": 0, "tags show late": graph.ConsistencyWindow - time.Second} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				world, err := awssim.New(awssim.Options{Seed: 1, TagLag: lag})
				require.NoError(t, err)
				h := &house{World: world, ec2: ec2.NewFromConfig(world.Config(graphtest.Account, graphtest.Region)),
					ledger: graph.NewMemory("test"), spec: spec(t, network.NATPerZone, "eu-central-1a", "eu-central-1b")}
				h.pass(t, owner)
				for _, e := range h.Ledger() {
					if strings.Contains(e.Tags[session.TagResource], "/subnet/") {
						require.NoError(t, tag(t, h.ec2, e.ID, "kubernetes.io/cluster/foreign", "shared"))
						require.NoError(t, tag(t, h.ec2, e.ID, "Name", "by hand"))
					}
				}
				time.Sleep(2 * graph.ConsistencyWindow)
				next, last := owner, owner
				next.Cluster, last.Cluster = "nextuid111", "lastuid111"
				made := h.pass(t, next)
				require.Len(t, made, 20+5, "one call a thing, and one for each tag that has to go: %v", made)
				h.carries(t, next)
				require.Empty(t, h.pass(t, next), "what was asked for a moment ago was asked for again")
				// It changes hands once more before EC2 shows the first change.
				require.Len(t, h.pass(t, last), 20+5)
				h.carries(t, last)
				time.Sleep(2 * graph.ConsistencyWindow)
				require.Empty(t, h.pass(t, last))
				h.carries(t, last)
			})
		})
	}
}

func tag(t *testing.T, api *ec2.Client, id, key, value string) error {
	t.Helper()
	_, err := api.CreateTags(t.Context(), &ec2.CreateTagsInput{Resources: []string{id}, Tags: []types.Tag{{Key: aws.String(key), Value: aws.String(value)}}})
	return err
}

func TestWhatCannotBeChangedInPlaceIsToldAndNotTaggedInstead(t *testing.T) {
	graphtest.Play(t, func(t *testing.T, _ *awssim.World, config aws.Config) {
		h := &house{ec2: ec2.NewFromConfig(config), ledger: graph.NewMemory("test"), spec: spec(t, network.Closed, "eu-central-1a")}
		pass := func() graph.Report {
			return network.Resources(h.spec, h.ec2, owner).Ensure(t.Context(), graph.Walk{Ledger: h.ledger, Factories: network.Factories(h.ec2, owner), Resync: true})
		}
		for !pass().Settled() {
			time.Sleep(time.Second)
		}
		h.spec.Zones[0].Private = h.spec.Zones[0].Public
		require.ErrorContains(t, pass().Err(), "cannot be changed in place")
	})
}
