package lifecycle_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	awssim "github.com/skep-dev/skep/libs/sim/aws"
	"github.com/skep-dev/skep/libs/sim/suite"
	"github.com/skep-dev/skep/services/network"
	"github.com/skep-dev/skep/test/clustertest"
)

// addFixtures adds fixtures to the VPC of the cluster.
func addFixtures(t *testing.T, s *clustertest.Suite, fixtures ...awssim.Fixture) {
	t.Helper()
	out, err := networkv1.NewNetworkServiceClient(s.Client(network.Name)).GetNetwork(s.Context, &networkv1.GetNetworkRequest{
		Name: clustertest.Organization + "/networks/" + clustertest.ClusterID,
	})
	require.NoError(t, err)
	site := awssim.Target{
		Account: suite.Account, Region: "eu-central-1", VPC: out.GetNetwork().GetStatus().GetVpcId(), Cluster: out.GetNetwork().GetSpec().GetCluster().GetUid(),
	}
	for _, p := range fixtures {
		require.NoError(t, s.AWS.PutFixture(p, site))
	}
}

// owned returns the fixtures that belong to the cluster and hold no data.
func owned() []awssim.Fixture {
	return slices.DeleteFunc(awssim.Fixtures(), func(p awssim.Fixture) bool { return p.Foreign || p.HoldsData })
}

func explainDelete(t *testing.T, s *clustertest.Suite) *clusterv1.ExplainDeleteResponse {
	t.Helper()
	out, err := s.Clusters.ExplainDelete(s.Context, &clusterv1.ExplainDeleteRequest{Name: clustertest.ClusterName})
	require.NoError(t, err)
	return out
}

// proof waits for the proof of empty in the timeline of the cluster.
func proof(t *testing.T, s *clustertest.Suite) *clusterv1.Event {
	t.Helper()
	stream, err := s.Clusters.WatchEvents(s.Context, &clusterv1.WatchEventsRequest{Parent: clustertest.ClusterName})
	require.NoError(t, err)
	return suite.Await(t, stream.Recv, func(m *clusterv1.WatchEventsResponse) bool { return m.GetEvent().GetType() == "ProofOfEmpty" }).GetEvent()
}

// opaque matches the ids of AWS resources, which differ from run to run.
var opaque = regexp.MustCompile(`\b(vpc|eni|sg|i|vol|vpce|subnet|pcx)-0[0-9a-f]{16}\b`)

// anonymous returns the text without the uid and with a placeholder for each random part of an id.
func anonymous(text, uid string) string {
	text = strings.ReplaceAll(text, uid, "<uid>")
	text = regexp.MustCompile(`0{5,}[0-9a-f]{1,6}\b|\bi-0[0-9a-f]{6}0{10}\b|-[0-9a-f]{6}\b|/[0-9a-f]{16}\b`).ReplaceAllString(text, "…")
	return opaque.ReplaceAllString(text, "$1-…")
}

func TestExplainDeleteListsAllResourcesAndChangesNothing(t *testing.T) {
	clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
		s.Create(t)
		ready := s.WaitUntil(t, clustertest.IsReady)
		clean := explainDelete(t, s)
		require.NotEmpty(t, clean.GetActions())
		require.Empty(t, slices.Concat(clean.GetGoes(), clean.GetStays(), clean.GetForeign()), "a resource of Skep was reported as one of another creator")
		require.Empty(t, clean.GetBlockers())

		addFixtures(t, s, awssim.Fixtures()...)
		mutations := len(s.AWS.Mutations())
		explained := explainDelete(t, s)
		require.Len(t, s.AWS.Mutations(), mutations, "ExplainDelete made a mutating call")
		require.Len(t, explained.GetActions(), len(clean.GetActions()))
		require.Len(t, explained.GetForeign(), 6)
		require.Len(t, explained.GetStays(), 1)

		var lines []string
		for _, d := range slices.Concat(explained.GetGoes(), explained.GetStays(), explained.GetForeign()) {
			price := "not known"
			if d.MonthlyUsd != nil {
				price = fmt.Sprintf("$%.2f", d.GetMonthlyUsd())
			}
			id := d.GetId()[strings.LastIndexByte(d.GetId(), ':')+1:]
			blocks := slices.Sorted(slices.Values(d.GetBlocks()))
			lines = append(lines, anonymous(fmt.Sprintf("%-7s %s %s (%s) by %s: %s; blocks %s; %s a month", d.GetFate(), d.GetKind(), id, d.GetName(), d.GetCreator(), d.GetAction(), strings.Join(blocks, " "), price), ready.GetUid()))
		}
		slices.Sort(lines)
		golden(t, "explained.golden", strings.Join(lines, "\n")+"\n")
	})
}

// golden compares a text with a file, or writes the file.
func golden(t *testing.T, name, text string) {
	t.Helper()
	path := "testdata/" + name
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), text)
}

func TestLeftoversAreDeletedWithTheCluster(t *testing.T) {
	clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
		s.Create(t)
		s.WaitUntil(t, clustertest.IsReady)
		addFixtures(t, s, owned()...)
		addFixtures(t, s, owned()...)
		s.Delete(t)
		s.WaitUntil(t, clustertest.IsDeleted)
		isEmpty(t, s)
		require.Zero(t, s.AWS.Throttles())
		require.Equal(t, "Empty", proof(t, s).GetReason())
	})
}

func TestAKeptVolumeOutlivesTheClusterAndHasAPrice(t *testing.T) {
	for retention, kept := range map[networkv1.VolumeRetention]bool{networkv1.VolumeRetention_KEEP: true, networkv1.VolumeRetention_DELETE: false} {
		t.Run(retention.String(), func(t *testing.T) {
			clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
				cluster := clustertest.Quickstart(t)
				cluster.Spec.VolumeRetention = retention
				_, err := s.Clusters.CreateCluster(s.Context, &clusterv1.CreateClusterRequest{Parent: clustertest.Organization, ClusterId: clustertest.ClusterID, Cluster: cluster})
				require.NoError(t, err)
				s.WaitUntil(t, clustertest.IsReady)
				addFixtures(t, s, slices.DeleteFunc(awssim.Fixtures(), func(p awssim.Fixture) bool { return !p.HoldsData })...)
				s.Delete(t)
				s.WaitUntil(t, clustertest.IsDeleted)
				event := proof(t, s)
				if !kept {
					isEmpty(t, s)
					require.Equal(t, "Empty", event.GetReason())
					return
				}
				require.Equal(t, "Kept", event.GetReason())
				require.Contains(t, event.GetMessage(), "created by the EBS CSI driver, for claim default/data-")
				require.Contains(t, event.GetMessage(), "$8.00 a month")
				require.Contains(t, s.AWS.String(), "dynamic-pvc")
			})
		})
	}
}

func TestACrashDuringTheLeftoverDeleteLeavesNoResource(t *testing.T) {
	clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
		s.Create(t)
		s.WaitUntil(t, clustertest.IsReady)
		addFixtures(t, s, owned()...)
		died := killAt(s, network.Name, "RevokeSecurityGroupIngress", true)
		s.Delete(t)
		s.WaitUntil(t, clustertest.IsDeleted)
		require.True(t, died())
		isEmpty(t, s)
	})
}

// The scans for leftovers cost a deletion without leftovers three reads in all.
func TestTheScanForLeftoversCostsThreeReads(t *testing.T) {
	clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
		s.Create(t)
		s.WaitUntil(t, clustertest.IsReady)
		s.AWS.ResetCalls()
		s.Delete(t)
		s.WaitUntil(t, clustertest.IsDeleted)
		reads := 0
		for _, call := range s.AWS.Calls() {
			// The network service reads interfaces, tags and target groups only for leftovers.
			if strings.HasPrefix(call.Principal, "skep-"+network.Name) && slices.Contains([]string{"DescribeNetworkInterfaces", "DescribeTags", "DescribeTargetGroups"}, call.Operation) {
				reads++
			}
		}
		t.Logf("%d calls to delete a cluster, of them %d reads for leftovers", len(s.AWS.Calls()), reads)
		require.Equal(t, 3, reads)
	})
}

func TestTheStatusReportsTheDeleteBlocker(t *testing.T) {
	clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
		s.Create(t)
		s.WaitUntil(t, clustertest.IsReady)
		addFixtures(t, s, slices.DeleteFunc(awssim.Fixtures(), func(p awssim.Fixture) bool { return p.Name != "instance launched by hand" })...)
		s.Delete(t)
		var item *typev1.InventoryItem
		blocked := s.WaitUntil(t, func(m *clusterv1.WatchClustersResponse) bool {
			for _, i := range m.GetCluster().GetStatus().GetResources() {
				if strings.HasPrefix(i.GetName(), "network/foreign/") && i.GetFault() != nil {
					item = i
				}
			}
			return item != nil
		})
		require.Regexp(t, `^the instance i-0[0-9a-f]{16} \(jump-host-[0-9a-f]+\) in vpc-0[0-9a-f]{16} blocks the delete and does not belong to the cluster: created by account 111122223333 on 2000-01-01T`, item.GetMessage())
		require.Contains(t, item.GetFault().GetRemedy(), "aws ec2 terminate-instances --instance-ids "+item.GetId())
		require.Equal(t, typev1.Fault_USER, item.GetFault().GetActor())
		for _, component := range blocked.GetStatus().GetComponents() {
			if component.GetLabel() == "network" {
				require.Contains(t, component.GetMessage(), item.GetId())
			}
		}
		require.NotEmpty(t, explainDelete(t, s).GetBlockers())

		// The rest of the deletion continues. After it, the network service polls the blocker
		// once a minute, and resyncs.
		time.Sleep(5 * time.Minute)
		s.AWS.ResetCalls()
		time.Sleep(30 * time.Minute)
		require.Empty(t, s.AWS.Mutations())
		t.Logf("%v in half an hour", s.AWS.CountCalls())
		require.LessOrEqual(t, s.AWS.CountCalls()["DescribeInstances"], 35)
	})
}
