package command_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/cli/internal/command"
	"github.com/skep-dev/skep/libs/platform/fault"
)

const quickstart = "../../../examples/quickstart.yaml"

// epoch is the start time of a synctest bubble.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func TestClusterIsShownInEveryFormat(t *testing.T) {
	t.Parallel()
	failed := orchid(typev1.State_FAILED, epoch.Add(-26*time.Hour))
	failed.Name = "organizations/demo/clusters/vanda"
	failed.Status.Conditions = []*typev1.Condition{
		{Type: "Ready", Status: typev1.Condition_FALSE, Message: "1 of 7 components failed"},
		{Type: "NetworkReady", Status: typev1.Condition_FALSE, Message: "vpc failed", Fault: &typev1.Fault{Message: "the account has 5 of 5 VPCs"}},
	}
	s := &server{clusters: []*clusterv1.Cluster{
		orchid(typev1.State_READY, epoch.Add(-12*time.Minute), &typev1.InventoryItem{Name: "network/vpc", Id: "vpc-0a1", State: typev1.InventoryItem_READY}),
		failed,
	}}
	inBubble(t, s, func(t *testing.T, run func(...string) result) {
		for _, format := range []string{"table", "json", "yaml", "name"} {
			golden(t, "get-"+format, run("cluster", "get", "orchid", "-o", format).String())
			golden(t, "list-"+format, run("cluster", "list", "-o", format).String())
		}
		golden(t, "get-missing", run("cluster", "get", "rose").String())
		golden(t, "get-missing-json", run("cluster", "get", "rose", "-o", "json").String())
		golden(t, "list-none", run("cluster", "list", "-O", "acme").String())
		require.Equal(t, run("cluster", "get", "orchid"), run("cluster", "get", "organizations/demo/clusters/orchid"), "a full name selects the same cluster")
	})
}

func TestListShowsAllPages(t *testing.T) {
	t.Parallel()
	s := &server{}
	for _, id := range []string{"a", "b", "c", "d", "e"} {
		s.clusters = append(s.clusters, &clusterv1.Cluster{Name: "organizations/demo/clusters/" + id})
	}
	inBubble(t, s, func(t *testing.T, run func(...string) result) {
		require.Equal(t, "organizations/demo/clusters/a\norganizations/demo/clusters/b\norganizations/demo/clusters/c\norganizations/demo/clusters/d\norganizations/demo/clusters/e\n",
			run("cluster", "list", "-o", "name", "--page-size", "2", "--filter", `labels.tier = "gold"`).out)
	})
	require.Len(t, s.got, 3)
	for _, request := range s.got {
		require.Equal(t, `labels.tier = "gold"`, request.(*clusterv1.ListClustersRequest).GetFilter())
	}
}

func TestQuickstartIsSentUnchanged(t *testing.T) {
	t.Parallel()
	s := &server{}
	inBubble(t, s, func(t *testing.T, run func(...string) result) {
		require.Equal(t, result{out: "Cluster orchid was created.\n→ skep cluster watch orchid\n"}, run("cluster", "create", "orchid", "-f", quickstart))
		require.Equal(t, result{out: "Cluster orchid can be created. The dry run changed nothing.\n"}, run("cluster", "create", "orchid", "-f", quickstart, "--dry-run"))
		golden(t, "create-yaml", run("cluster", "create", "orchid", "-f", quickstart, "-o", "yaml").String())
	})
	request, _ := s.got[0].(*clusterv1.CreateClusterRequest)
	require.Equal(t, "organizations/demo", request.GetParent())
	require.Equal(t, "orchid", request.GetClusterId())
	require.Equal(t, "1.35", request.GetCluster().GetSpec().GetKubernetesVersion())
	require.False(t, request.GetValidateOnly())
	require.True(t, s.got[1].(*clusterv1.CreateClusterRequest).GetValidateOnly())
}

func TestUpdateAcceptsTheOutputOfGet(t *testing.T) {
	t.Parallel()
	s := &server{clusters: []*clusterv1.Cluster{orchid(typev1.State_READY, epoch)}}
	inBubble(t, s, func(t *testing.T, run func(...string) result) {
		file := write(t, run("cluster", "get", "orchid").out)
		require.Equal(t, result{out: "Cluster orchid was updated.\n→ skep cluster watch orchid\n"}, run("cluster", "update", "orchid", "-f", file))
		require.Contains(t, run("cluster", "update", "vanda", "-f", file).err, "name: is organizations/demo/clusters/orchid, but the command names vanda")
	})
	require.Len(t, s.got, 1)
	request, _ := s.got[0].(*clusterv1.UpdateClusterRequest)
	want := s.clusters[0]
	require.True(t, proto.Equal(&clusterv1.Cluster{Name: want.GetName(), Etag: "7", Labels: want.GetLabels(), Spec: want.GetSpec()}, request.GetCluster()))
	require.Equal(t, []string{"spec", "labels"}, request.GetUpdateMask().GetPaths(), "fields that the document lacks are removed")
}

func TestRefusalShowsEveryBadFieldAndTheRemedy(t *testing.T) {
	t.Parallel()
	s := &server{refusal: fault.InvalidFields(
		fault.Field{Path: "spec.nodePools.workers.maxSize", Message: "must be at least minSize"},
		fault.Field{Path: "spec.network.managed.cidr", Message: "must be /16 to /20"},
	)}
	inBubble(t, s, func(t *testing.T, run func(...string) result) {
		golden(t, "refusal", run("cluster", "create", "orchid", "-f", quickstart).String())
		golden(t, "refusal-json", run("cluster", "create", "orchid", "-f", quickstart, "-o", "json").String())
	})
	s.refusal = &fault.Fault{Kind: fault.Exhausted, Class: fault.Quota, Operation: "ec2 CreateVpc", Message: "the account has 5 of 5 VPCs",
		AWSCode: "VpcLimitExceeded", RequestID: "r-1", Remedy: "Raise the quota L-F678F1CE."}
	inBubble(t, s, func(t *testing.T, run func(...string) result) {
		golden(t, "refusal-aws", run("cluster", "create", "orchid", "-f", quickstart).String())
	})
}

func TestWaitShowsProgressUntilTheClusterIsReady(t *testing.T) {
	t.Parallel()
	s := &server{life: life()}
	inBubble(t, s, func(t *testing.T, run func(...string) result) {
		golden(t, "create-wait", run("cluster", "create", "orchid", "-f", quickstart, "--wait").String())
		r := run("cluster", "create", "orchid", "-f", quickstart, "--wait", "-o", "name")
		require.Equal(t, "organizations/demo/clusters/orchid\n", r.out, "results for programs are not mixed with progress")
		require.Contains(t, r.err, "PENDING → READY")
	})
	watched, _ := s.got[1].(*clusterv1.WatchClustersRequest)
	require.Equal(t, `name = "organizations/demo/clusters/orchid"`, watched.GetFilter())
}

// life returns the messages of a watch during a create.
func life() []*clusterv1.WatchClustersResponse {
	vpc := func(state typev1.InventoryItem_State, at int) *typev1.InventoryItem {
		i := &typev1.InventoryItem{Name: "network/vpc", Id: "vpc-0a1", State: state, Since: seconds(at), IntendTime: seconds(0)}
		if state == typev1.InventoryItem_READY {
			i.ReadyTime = seconds(at)
		}
		return i
	}
	creating := orchid(typev1.State_CREATING, epoch, vpc(typev1.InventoryItem_PENDING, 0))
	ready := orchid(typev1.State_READY, epoch, vpc(typev1.InventoryItem_READY, 1))
	ready.Status.ReadyTime, ready.Status.ApiUrl, ready.Status.IngressHost = seconds(1), "https://api.orchid.demo.example.test", "*.orchid.demo.example.test"
	return []*clusterv1.WatchClustersResponse{{Cluster: creating}, {Synced: true}, {Cluster: ready}}
}

func seconds(n int) *timestamppb.Timestamp {
	return timestamppb.New(epoch.Add(time.Duration(n) * time.Second))
}

func TestWatchPrintsOneDocumentPerChange(t *testing.T) {
	t.Parallel()
	s := &server{life: life()}
	inBubble(t, s, func(t *testing.T, run func(...string) result) {
		r := run("cluster", "watch", "orchid", "-o", "json")
		require.Zero(t, r.code, r)
		lines := strings.Split(strings.TrimSpace(r.out), "\n")
		require.Len(t, lines, 2)
		for i, change := range []*clusterv1.Cluster{s.life[0].GetCluster(), s.life[2].GetCluster()} {
			read := new(clusterv1.Cluster)
			require.NoError(t, protojson.Unmarshal([]byte(lines[i]), read))
			require.True(t, proto.Equal(change, read))
		}
		require.Equal(t, 2, strings.Count(run("cluster", "watch", "orchid", "-o", "yaml").out, "---\nname: organizations/demo/clusters/orchid\n"))
	})
}

func TestVersionIsShown(t *testing.T) {
	t.Parallel()
	require.Regexp(t, `^skep development \(.*, go.*, .*/.*\)\n$`, run(t, "", nil, nil, "version").out)
	var about map[string]string
	require.NoError(t, json.Unmarshal([]byte(run(t, "", nil, nil, "version", "-o", "json").out), &about))
	require.Equal(t, "development", about["version"])
}

func TestHelpListsExtraCommandsUnderTheirHeading(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := command.Process{Out: &out, Err: &out, In: strings.NewReader("")}
	up := &cobra.Command{Use: "up", Short: "Serve the whole suite", RunE: func(*cobra.Command, []string) error { return errors.New("listen on 127.0.0.1:8080: address in use") }}
	require.Zero(t, p.Run(t.Context(), nil, up))
	golden(t, "help", out.String())
	out.Reset()
	require.Equal(t, 1, p.Run(t.Context(), []string{"up"}, up))
	require.Contains(t, out.String(), "Error: listen on 127.0.0.1:8080: address in use\n")
}

func TestWaitEndsWithTheFaultOfAFailedCluster(t *testing.T) {
	t.Parallel()
	failed := orchid(typev1.State_FAILED, epoch, &typev1.InventoryItem{Name: "network/vpc", State: typev1.InventoryItem_FAILED, Since: seconds(2),
		Fault: &typev1.Fault{Message: "the account has 5 of 5 VPCs", AwsCode: "VpcLimitExceeded", Remedy: "Raise the quota L-F678F1CE."}})
	failed.Status.Conditions = []*typev1.Condition{{Type: "NetworkReady", Status: typev1.Condition_FALSE, Fault: failed.GetStatus().GetResources()[0].GetFault()}}
	s := &server{life: []*clusterv1.WatchClustersResponse{{Cluster: failed}}}
	inBubble(t, s, func(t *testing.T, run func(...string) result) {
		golden(t, "create-failed", run("cluster", "create", "orchid", "-f", quickstart, "--wait").String())
	})
}

func TestTimeoutOfAWaitHasARemedy(t *testing.T) {
	t.Parallel()
	s := &server{life: life()[:2]}
	inBubble(t, s, func(t *testing.T, run func(...string) result) {
		start := time.Now()
		golden(t, "create-timeout", run("cluster", "create", "orchid", "-f", quickstart, "--wait", "--timeout", "5m").String())
		require.Equal(t, 5*time.Minute, time.Since(start))
	})
}

func TestWaitEndsWhenTheClusterIsDeleted(t *testing.T) {
	t.Parallel()
	deleting := orchid(typev1.State_DELETING, epoch, &typev1.InventoryItem{Name: "network/vpc", Id: "vpc-0a1", State: typev1.InventoryItem_DELETING, Since: seconds(0)})
	deleting.DeleteTime = seconds(0)
	stale := orchid(typev1.State_READY, epoch)
	s := &server{life: []*clusterv1.WatchClustersResponse{{Cluster: stale}, {Synced: true}, {Cluster: deleting}, {Cluster: &clusterv1.Cluster{Name: deleting.GetName()}, Deleted: true}}}
	inBubble(t, s, func(t *testing.T, run func(...string) result) {
		golden(t, "delete-wait", run("cluster", "delete", "orchid", "--yes", "--wait").String())
	})
	s.life = s.life[1:]
	inBubble(t, s, func(t *testing.T, run func(...string) result) {
		require.Equal(t, result{code: 1, err: "Error: cluster \"organizations/demo/clusters/orchid\" does not exist\n→ Check the name: a list of the collection shows the existing names.\n"},
			run("cluster", "watch", "orchid"))
	})
}

func TestDeleteNeedsAConfirmation(t *testing.T) {
	t.Parallel()
	s := &server{networks: []*networkv1.Network{{Name: "organizations/demo/networks/orchid"}}}
	inBubble(t, s, func(t *testing.T, run func(...string) result) {
		golden(t, "delete-unconfirmed", run("cluster", "delete", "orchid").String())
		require.Equal(t, 1, run("network", "delete", "orchid").code)
		require.Empty(t, s.got)
		require.Equal(t, result{out: "orchid is being deleted.\n"}, run("network", "delete", "orchid", "-y"))
	})
	require.Equal(t, "organizations/demo/networks/orchid", s.got[0].(*networkv1.DeleteNetworkRequest).GetName())
}

func TestPlanIsATableByComponent(t *testing.T) {
	t.Parallel()
	create := func(owner, resource string, needs ...string) *typev1.PlannedAction {
		return &typev1.PlannedAction{Verb: typev1.PlannedAction_CREATE, Owner: "organizations/demo/" + owner, Resource: resource, Needs: needs}
	}
	s := &server{
		plan: &clusterv1.PlanClusterResponse{Zones: []string{"eu-central-1a", "eu-central-1b"}, Actions: []*typev1.PlannedAction{
			create("networks/orchid", "vpc"), create("networks/orchid", "subnet/public/eu-central-1a", "vpc"),
			create("nodePools/orchid.workers", "launch-template", "subnet/private/eu-central-1a", "security-group/node"),
		}},
		explanation: &clusterv1.ExplainDeleteResponse{
			Actions:  []*typev1.PlannedAction{{Verb: typev1.PlannedAction_DELETE, Resource: "network/nat-gateway/eu-central-1a", Id: "nat-0a1"}, {Verb: typev1.PlannedAction_DELETE, Resource: "network/vpc", Id: "vpc-0a1"}},
			Blockers: []string{"network/vpc: contains a load balancer of another owner"},
			Goes: []*typev1.Dependent{{
				Kind: "load-balancer", Id: "arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/k8s-shop/0a1b", Name: "k8s-shop",
				Fate: typev1.Dependent_GOES, Creator: "the AWS Load Balancer Controller, for ingress default/shop", CreateTime: seconds(60), MonthlyUsd: proto.Float64(16.425),
			}},
			Stays:   []*typev1.Dependent{{Kind: "volume", Id: "vol-0a1", Name: "orchid-pvc-1", Fate: typev1.Dependent_STAYS, Creator: "the EBS CSI driver, for claim default/data", MonthlyUsd: proto.Float64(8)}},
			Foreign: []*typev1.Dependent{{Kind: "instance", Id: "i-0a1", Name: "jump-host", Fate: typev1.Dependent_FOREIGN, Creator: "account 111122223333", CreateTime: seconds(90)}},
		},
	}
	inBubble(t, s, func(t *testing.T, run func(...string) result) {
		golden(t, "plan", run("cluster", "plan", "orchid", "-f", quickstart).String())
		golden(t, "plan-json", run("cluster", "plan", "orchid", "-f", quickstart, "-o", "json").String())
		golden(t, "explain-delete", run("cluster", "explain-delete", "orchid").String())
	})
}

func TestEventsShowAllPages(t *testing.T) {
	s := &server{events: []*clusterv1.Event{
		{Sequence: 1, Time: seconds(1), Resource: "organizations/demo/networks/orchid", Type: "Created", Reason: "Requested", Message: "the network was applied"},
		{Sequence: 2, Time: seconds(140), Resource: "organizations/demo/networks/orchid", Type: "NatGatewaysReady", Reason: "Ready", Message: "3 of 3 NAT gateways"},
	}}
	local := time.Local
	time.Local = time.UTC
	defer func() { time.Local = local }()
	inBubble(t, s, func(t *testing.T, run func(...string) result) {
		golden(t, "events", run("cluster", "events", "orchid").String())
		golden(t, "events-follow", run("cluster", "events", "orchid", "--follow").String())
		require.JSONEq(t, `{"sequence":"1","time":"2000-01-01T00:00:01Z","resource":"organizations/demo/networks/orchid","type":"Created","reason":"Requested","message":"the network was applied"}`,
			strings.Split(run("cluster", "events", "orchid", "--follow", "-o", "json").out, "\n")[0])
	})
}

func TestKubeconfigFileIsReadableOnlyByItsOwner(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "orchid.kubeconfig")
	require.NoError(t, os.WriteFile(file, []byte("old"), 0o644))
	inBubble(t, &server{}, func(t *testing.T, run func(...string) result) {
		require.Equal(t, "apiVersion: v1\nkind: Config\n", run("cluster", "kubeconfig", "orchid").out)
		require.Equal(t, result{out: file + " is valid for 60m.\n→ kubectl --kubeconfig " + file + " get nodes\n"}, run("cluster", "kubeconfig", "orchid", "--file", file))
	})
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

func TestObjectsOfOtherTypesAreListedAndShown(t *testing.T) {
	t.Parallel()
	s := &server{networks: []*networkv1.Network{{
		Name: "organizations/demo/networks/orchid", CreateTime: timestamppb.New(epoch.Add(-3 * time.Minute)),
		Status: &networkv1.NetworkStatus{State: typev1.State_CREATING, Conditions: []*typev1.Condition{{Type: "NatGatewaysReady", Status: typev1.Condition_FALSE, Message: "2 of 3 NAT gateways are pending"}}},
	}}}
	inBubble(t, s, func(t *testing.T, run func(...string) result) {
		golden(t, "network-list", run("network", "list").String())
		golden(t, "network-get", run("network", "get", "orchid").String())
		golden(t, "network-list-json", run("networks", "ls", "-o", "json").String())
	})
	require.Equal(t, "organizations/demo", s.got[0].(*networkv1.ListNetworksRequest).GetParent())
}

func TestCompletionListsTheNamesOnTheServer(t *testing.T) {
	t.Parallel()
	s := &server{clusters: []*clusterv1.Cluster{orchid(typev1.State_READY, epoch)}}
	inBubble(t, s, func(t *testing.T, run func(...string) result) {
		require.Contains(t, run("__complete", "cluster", "get", "").out, "orchid\tREADY\n:4\n")
		require.Contains(t, run("__complete", "cluster", "get", "orchid", "").out, ":4\n")
		require.Contains(t, run("__complete", "cluster", "list", "-o", "").out, "table\njson\nyaml\nname\n:4\n")
	})
}

func TestUsageErrorsExitWithCode2(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"an unknown command":        {"clutser"},
		"an unknown subcommand":     {"cluster", "craete"},
		"an unknown flag":           {"cluster", "list", "--foo"},
		"an unknown format":         {"cluster", "list", "-o", "xml"},
		"a missing name":            {"cluster", "get"},
		"two names":                 {"cluster", "get", "a", "b"},
		"a missing file":            {"cluster", "create", "orchid"},
		"an argument of a list":     {"network", "list", "orchid"},
		"an invalid duration":       {"cluster", "delete", "orchid", "--timeout", "soon"},
		"an unknown object command": {"network", "craete"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := run(t, "", []string{"NO_COLOR=1"}, nil, args...)
			require.Equal(t, 2, r.code, r)
			require.Empty(t, r.out)
			require.Regexp(t, "^Error: .*\n→ See `skep.* --help`.\n$", r.err)
		})
	}
}

func TestConnectionErrorsHaveARemedy(t *testing.T) {
	t.Parallel()
	refused := func(context.Context, string) (net.Conn, error) { return nil, errors.New("connection refused") }
	golden(t, "no-server", run(t, "", []string{"NO_COLOR=1"}, refused, "cluster", "list").String())
	golden(t, "no-token-file", run(t, "", []string{"NO_COLOR=1"}, refused, "cluster", "list", "--token-file", "nowhere/token").String())
	golden(t, "no-document", run(t, "", []string{"NO_COLOR=1"}, refused, "cluster", "create", "orchid", "-f", "nowhere.yaml").String())
	golden(t, "empty-document", run(t, "", []string{"NO_COLOR=1"}, refused, "cluster", "create", "orchid", "-f", "-").String())
	inBubble(t, &server{}, func(t *testing.T, run func(...string) result) {
		file := filepath.Join(t.TempDir(), "token")
		require.NoError(t, os.WriteFile(file, []byte("wrong"), 0o600))
		golden(t, "wrong-token", run("cluster", "list", "--token-file", file).String())
	})
}

func TestColorsFollowTheTerminalAndTheFlags(t *testing.T) {
	t.Parallel()
	forced := []string{"CLICOLOR_FORCE=1", "TERM=xterm-256color"}
	require.Contains(t, run(t, "", forced, nil, "clutser").err, "\x1b[")
	require.NotContains(t, run(t, "", nil, nil, "clutser").err, "\x1b[")
	require.NotContains(t, run(t, "", append(forced, "NO_COLOR=1"), nil, "clutser").err, "\x1b[3")
	require.NotContains(t, run(t, "", forced, nil, "cluster", "list", "--no-color", "x").err, "\x1b[3")
}
