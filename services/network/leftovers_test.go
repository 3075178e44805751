package network_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/require"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	awssim "github.com/skep-dev/skep/libs/sim/aws"
	"github.com/skep-dev/skep/libs/sim/suite"
	"github.com/skep-dev/skep/services/network"
)

// readyNetwork is a network whose VPC is ready for fixtures.
type readyNetwork struct {
	*suite.Suite
	ctx    context.Context
	client networkv1.NetworkServiceClient
	name   string
	stream networkv1.NetworkService_WatchNetworksClient
	site   awssim.Target
}

// apply requests a network.
func apply(t *testing.T, w *suite.Suite, desired *networkv1.Network) *readyNetwork {
	t.Helper()
	n := &readyNetwork{Suite: w, ctx: suite.Context(t), client: networkv1.NewNetworkServiceClient(w.Client(network.Name)), name: desired.GetName()}
	_, err := n.client.ApplyNetwork(n.ctx, &networkv1.ApplyNetworkRequest{Network: desired})
	require.NoError(t, err)
	n.stream, err = n.client.WatchNetworks(n.ctx, &networkv1.WatchNetworksRequest{
		Parent: "organizations/demo", Filter: fmt.Sprintf("name = %q", n.name),
	})
	require.NoError(t, err)
	return n
}

// awaitReady waits until the network is ready.
func (n *readyNetwork) awaitReady(t *testing.T) {
	t.Helper()
	ready := n.await(t, func(m *networkv1.WatchNetworksResponse) bool {
		return m.GetNetwork().GetStatus().GetState() == typev1.State_READY
	})
	n.site = awssim.Target{Account: suite.Account, Region: "eu-central-1", VPC: ready.GetStatus().GetVpcId(), Cluster: ready.GetUid()}
}

// withNetwork runs a test in a suite with one ready network.
func withNetwork(t *testing.T, retention networkv1.VolumeRetention, test func(t *testing.T, n *readyNetwork)) {
	t.Helper()
	suite.Run(t, alone, func(t *testing.T, w *suite.Suite) {
		desired := wanted()
		desired.Spec.VolumeRetention = retention
		n := apply(t, w, desired)
		n.awaitReady(t)
		test(t, n)
	})
}

func (n *readyNetwork) await(t *testing.T, seen func(*networkv1.WatchNetworksResponse) bool) *networkv1.Network {
	t.Helper()
	return suite.Await(t, n.stream.Recv, seen).GetNetwork()
}

func (n *readyNetwork) add(t *testing.T, fixtures ...awssim.Fixture) {
	t.Helper()
	for _, fixture := range fixtures {
		require.NoError(t, n.AWS.PutFixture(fixture, n.site))
	}
}

func (n *readyNetwork) explain(t *testing.T) []*typev1.Dependent {
	t.Helper()
	out, err := n.client.ExplainNetworkDelete(n.ctx, &networkv1.ExplainNetworkDeleteRequest{Name: n.name})
	require.NoError(t, err)
	return out.GetDependents()
}

func (n *readyNetwork) delete(t *testing.T) {
	t.Helper()
	_, err := n.client.DeleteNetwork(n.ctx, &networkv1.DeleteNetworkRequest{Name: n.name})
	require.NoError(t, err)
}

func isDeleted(m *networkv1.WatchNetworksResponse) bool { return m.GetDeleted() }

// awaitBlocked waits until the status names every foreign resource that blocks the delete.
func (n *readyNetwork) awaitBlocked(t *testing.T, blockers []*typev1.Dependent) {
	t.Helper()
	n.await(t, func(m *networkv1.WatchNetworksResponse) bool {
		for _, d := range blockers {
			if !slices.ContainsFunc(m.GetNetwork().GetStatus().GetResources(), func(i *typev1.InventoryItem) bool {
				return i.GetId() == d.GetId() && i.GetFault() != nil
			}) {
				return false
			}
		}
		return true
	})
}

// removeByHand carries out the remedy of a foreign resource.
func (n *readyNetwork) removeByHand(t *testing.T, d *typev1.Dependent) {
	t.Helper()
	api, id := ec2.NewFromConfig(n.AWS.Config(suite.Account, "eu-central-1")), d.GetId()
	var err error
	switch d.GetKind() {
	case "network-interface":
		_, err = api.DeleteNetworkInterface(n.ctx, &ec2.DeleteNetworkInterfaceInput{NetworkInterfaceId: &id})
	case "instance":
		_, err = api.TerminateInstances(n.ctx, &ec2.TerminateInstancesInput{InstanceIds: []string{id}})
	case "security-group":
		_, err = api.DeleteSecurityGroup(n.ctx, &ec2.DeleteSecurityGroupInput{GroupId: &id})
	case "subnet":
		_, err = api.DeleteSubnet(n.ctx, &ec2.DeleteSubnetInput{SubnetId: &id})
	case "vpc-peering-connection":
		_, err = api.DeleteVpcPeeringConnection(n.ctx, &ec2.DeleteVpcPeeringConnectionInput{VpcPeeringConnectionId: &id})
	case "vpc-endpoint":
		_, err = api.DeleteVpcEndpoints(n.ctx, &ec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{id}})
	default:
		require.Fail(t, "the test has no call that deletes a foreign resource of this type", d.GetKind())
	}
	require.NoError(t, err)
}

func isForeign(d *typev1.Dependent) bool { return d.GetFate() == typev1.Dependent_FOREIGN }

// fate is the fate that ExplainDelete reports of every resource of a fixture.
func fate(fixture awssim.Fixture) typev1.Dependent_Fate {
	switch {
	case fixture.Foreign:
		return typev1.Dependent_FOREIGN
	case fixture.HoldsData:
		return typev1.Dependent_STAYS
	}
	return typev1.Dependent_GOES
}

// Each fixture stands in a network of its own. All networks share one suite: they are one
// account, so this also shows that a delete leaves the foreign resources and the volumes of other networks alone.
func TestEveryFixtureIsExplainedThenDeletedKeptOrReported(t *testing.T) {
	fixtures, options := awssim.Fixtures(), alone
	options.AWS.Quotas = map[string]int{"NatGatewaysPerZone": len(fixtures)}
	suite.Run(t, options, func(t *testing.T, w *suite.Suite) {
		networks := make([]*readyNetwork, len(fixtures))
		for i := range fixtures {
			desired := wanted()
			desired.Name = fmt.Sprintf("organizations/demo/networks/orchid%d", i)
			desired.Spec.Vpc.Zones, desired.Spec.Vpc.Egress = 2, networkv1.ManagedVpc_NAT_SINGLE
			networks[i] = apply(t, w, desired)
		}
		foreign := make([][]*typev1.Dependent, len(fixtures))
		for i, n := range networks {
			n.awaitReady(t)
			require.Empty(t, n.explain(t))
			n.add(t, fixtures[i])
			explained := n.explain(t)
			require.NotEmpty(t, explained, fixtures[i].Name)
			for _, d := range explained {
				require.Equal(t, fate(fixtures[i]), d.GetFate(), "%s: %v", fixtures[i].Name, d)
				require.NotEmpty(t, d.GetAction(), fixtures[i].Name)
			}
			if fixtures[i].Foreign {
				foreign[i] = explained
			}
			n.delete(t)
		}
		for i, n := range networks {
			if foreign[i] != nil {
				n.awaitBlocked(t, foreign[i])
				n.removeByHand(t, foreign[i][0])
			}
		}
		for _, n := range networks {
			n.await(t, isDeleted)
		}
		require.Regexp(t, `^\S+ \S+ Volume .*dynamic-pvc.*\n$`, w.AWS.String())
		require.Zero(t, w.AWS.Throttles())
	})
}

func TestTwoOfEveryFixtureAreDeletedKeptOrReported(t *testing.T) {
	withNetwork(t, networkv1.VolumeRetention_DELETE, func(t *testing.T, n *readyNetwork) {
		n.add(t, awssim.Fixtures()...)
		n.add(t, awssim.Fixtures()...)
		// Until every instance has booted.
		time.Sleep(10 * time.Minute)
		blockers := slices.DeleteFunc(n.explain(t), func(d *typev1.Dependent) bool { return !isForeign(d) })
		require.Len(t, blockers, 12)
		n.delete(t)
		n.awaitBlocked(t, blockers)
		for _, d := range blockers {
			n.removeByHand(t, d)
		}
		n.await(t, isDeleted)
		require.Empty(t, n.AWS.String())
	})
}

// crash kills the replica at a call, before it acts or after it acted and before its answer.
type crash struct {
	operation string
	acted     bool
}

func (c crash) String() string { return fmt.Sprintf("%s, acted %t", c.operation, c.acted) }

// crashes are a crash before and one after each operation of a sweep, in the order of a sweep.
func crashes() (all []crash) {
	for _, operation := range []string{
		"DescribeTags", "DescribeVpcPeeringConnections", "TerminateInstances", "DeleteLoadBalancer", "DeleteTargetGroup",
		"DeleteNetworkInterface", "RevokeSecurityGroupIngress", "DeleteSecurityGroup", "DeleteVpcEndpoints", "DeleteVolume", "DeleteVpc",
	} {
		all = append(all, crash{operation, false}, crash{operation, true})
	}
	return all
}

// One delete survives all crashes, one after the other. With FAULTS=all, each crash also gets a
// delete of its own.
func TestCrashesDuringASweepLeaveNoLeftover(t *testing.T) {
	sets := map[string][]crash{"all in one delete": crashes()}
	if os.Getenv("FAULTS") == "all" {
		for _, c := range crashes() {
			sets[c.String()] = []crash{c}
		}
	}
	for name, set := range sets {
		t.Run(name, func(t *testing.T) {
			withNetwork(t, networkv1.VolumeRetention_DELETE, func(t *testing.T, n *readyNetwork) {
				n.add(t, slices.DeleteFunc(awssim.Fixtures(), func(p awssim.Fixture) bool { return p.Foreign })...)
				remaining := n.killAt(set)
				n.delete(t)
				n.awaitDeletedAcrossReplicas(t)
				require.Empty(t, remaining(), "the network service did not call these operations")
				require.Empty(t, n.AWS.String())
			})
		})
	}
}

// killAt kills the replica at each crash of the set, each at the first call of its operation that
// can carry it out, and starts another replica. It returns the crashes that did not happen yet.
func (n *readyNetwork) killAt(set []crash) (remaining func() []crash) {
	var mu sync.Mutex
	left, dead := slices.Clone(set), false
	errDead := errors.New("the process is dead")
	strike := func(call awssim.Call, acted bool) error {
		mu.Lock()
		defer mu.Unlock()
		if dead {
			return errDead
		}
		// The crash before an operation stands first in the set, so a call that acts may have another crash.
		i := slices.IndexFunc(left, func(c crash) bool { return c.operation == call.Operation })
		if i < 0 || left[i].acted != acted {
			return nil
		}
		left, dead = slices.Delete(left, i, i+1), true
		for _, replica := range n.Running(network.Name) {
			replica.Kill()
			go func() {
				n.Kill(replica)
				mu.Lock()
				dead = false
				mu.Unlock()
				n.Start(network.Name)
			}()
		}
		return errDead
	}
	n.AWS.Inject(awssim.Faults{
		Before: func(call awssim.Call) error { return strike(call, false) },
		After:  func(call awssim.Call) error { return strike(call, true) },
	})
	return func() []crash {
		mu.Lock()
		defer mu.Unlock()
		return left
	}
}

// awaitDeletedAcrossReplicas waits until the network is deleted. It starts a new watch when the death of a replica
// breaks one.
func (n *readyNetwork) awaitDeletedAcrossReplicas(t *testing.T) {
	t.Helper()
	for exists := true; exists; time.Sleep(time.Second) {
		require.NoError(t, n.ctx.Err())
		stream, err := n.client.WatchNetworks(n.ctx, &networkv1.WatchNetworksRequest{Parent: "organizations/demo"})
		require.NoError(t, err)
		listed := false
		for exists {
			m, err := stream.Recv()
			if err != nil {
				break
			}
			listed = listed || m.GetNetwork() != nil && !m.GetDeleted()
			exists = !m.GetDeleted() && (listed || !m.GetSynced())
		}
	}
}
