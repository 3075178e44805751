package network_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
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

// yard is a ready network to plant in.
type yard struct {
	*suite.Suite
	ctx    context.Context
	client networkv1.NetworkServiceClient
	stream networkv1.NetworkService_WatchNetworksClient
	site   awssim.Site
}

func plantIn(t *testing.T, retention networkv1.VolumeRetention, test func(t *testing.T, y *yard)) {
	t.Helper()
	suite.Run(t, alone, func(t *testing.T, w *suite.Suite) {
		y := &yard{Suite: w, ctx: suite.Context(t), client: networkv1.NewNetworkServiceClient(w.Client(network.Name))}
		declared := wanted()
		declared.Spec.VolumeRetention = retention
		_, err := y.client.ApplyNetwork(y.ctx, &networkv1.ApplyNetworkRequest{Network: declared})
		require.NoError(t, err)
		y.stream, err = y.client.WatchNetworks(y.ctx, &networkv1.WatchNetworksRequest{Parent: "organizations/demo"})
		require.NoError(t, err)
		ready := y.until(t, func(m *networkv1.WatchNetworksResponse) bool {
			return m.GetNetwork().GetStatus().GetState() == typev1.State_READY
		})
		y.site = awssim.Site{Account: suite.Account, Region: "eu-central-1", VPC: ready.GetStatus().GetVpcId(), Cluster: ready.GetUid()}
		test(t, y)
	})
}

func (y *yard) until(t *testing.T, seen func(*networkv1.WatchNetworksResponse) bool) *networkv1.Network {
	t.Helper()
	return suite.Await(t, y.stream.Recv, seen).GetNetwork()
}

func (y *yard) plant(t *testing.T, plants ...awssim.Plant) {
	t.Helper()
	for _, plant := range plants {
		require.NoError(t, y.AWS.Plant(plant, y.site))
	}
}

// explain asks what would become of what others made.
func (y *yard) explain(t *testing.T) []*typev1.Dependent {
	t.Helper()
	out, err := y.client.ExplainNetworkDelete(y.ctx, &networkv1.ExplainNetworkDeleteRequest{Name: name})
	require.NoError(t, err)
	return out.GetDependents()
}

func (y *yard) delete(t *testing.T) {
	t.Helper()
	_, err := y.client.DeleteNetwork(y.ctx, &networkv1.DeleteNetworkRequest{Name: name})
	require.NoError(t, err)
}

func isGone(m *networkv1.WatchNetworksResponse) bool { return m.GetDeleted() }

// blocked waits until everything foreign that is in the way is named.
func (y *yard) blocked(t *testing.T, by []*typev1.Dependent) *networkv1.Network {
	t.Helper()
	return y.until(t, func(m *networkv1.WatchNetworksResponse) bool {
		for _, d := range by {
			if !slices.ContainsFunc(m.GetNetwork().GetStatus().GetResources(), func(i *typev1.InventoryItem) bool {
				return i.GetId() == d.GetId() && i.GetFault() != nil
			}) {
				return false
			}
		}
		return true
	})
}

// removeByHand does what the remedy of a blocker says.
func (y *yard) removeByHand(t *testing.T, d *typev1.Dependent) {
	t.Helper()
	api, id := ec2.NewFromConfig(y.AWS.Config(suite.Account, "eu-central-1")), d.GetId()
	var err error
	switch d.GetKind() {
	case "network-interface":
		_, err = api.DeleteNetworkInterface(y.ctx, &ec2.DeleteNetworkInterfaceInput{NetworkInterfaceId: &id})
	case "instance":
		_, err = api.TerminateInstances(y.ctx, &ec2.TerminateInstancesInput{InstanceIds: []string{id}})
	case "security-group":
		_, err = api.DeleteSecurityGroup(y.ctx, &ec2.DeleteSecurityGroupInput{GroupId: &id})
	case "subnet":
		_, err = api.DeleteSubnet(y.ctx, &ec2.DeleteSubnetInput{SubnetId: &id})
	case "vpc-peering-connection":
		_, err = api.DeleteVpcPeeringConnection(y.ctx, &ec2.DeleteVpcPeeringConnectionInput{VpcPeeringConnectionId: &id})
	case "vpc-endpoint":
		_, err = api.DeleteVpcEndpoints(y.ctx, &ec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{id}})
	default:
		require.Fail(t, "nobody knows how to remove it", d.GetKind())
	}
	require.NoError(t, err)
}

func foreign(found []*typev1.Dependent) []*typev1.Dependent {
	return slices.DeleteFunc(slices.Clone(found), func(d *typev1.Dependent) bool { return d.GetFate() != typev1.Dependent_FOREIGN })
}

func TestEveryPlantIsExplainedAndThenRemovedKeptOrNamed(t *testing.T) {
	for _, plant := range awssim.Plants() {
		t.Run(plant.Name, func(t *testing.T) {
			plantIn(t, networkv1.VolumeRetention_KEEP, func(t *testing.T, y *yard) {
				require.Empty(t, y.explain(t))
				y.plant(t, plant)
				explained := y.explain(t)
				require.NotEmpty(t, explained)
				fate := typev1.Dependent_GOES
				switch {
				case plant.Foreign:
					fate = typev1.Dependent_FOREIGN
				case plant.Data:
					fate = typev1.Dependent_STAYS
				}
				for _, d := range explained {
					require.Equal(t, fate, d.GetFate(), "%v", d)
					require.NotEmpty(t, d.GetAction())
				}
				y.delete(t)
				if plant.Foreign {
					y.blocked(t, explained)
					y.removeByHand(t, explained[0])
				}
				y.until(t, isGone)
				if plant.Data {
					require.Regexp(t, `^\S+ \S+ Volume .*dynamic-pvc.*\n$`, y.AWS.String())
				} else {
					require.Empty(t, y.AWS.String())
				}
				require.Zero(t, y.AWS.Throttles())
			})
		})
	}
}

func TestTwoOfEveryPlantAtOnceAreRemovedKeptOrNamed(t *testing.T) {
	plantIn(t, networkv1.VolumeRetention_DELETE, func(t *testing.T, y *yard) {
		y.plant(t, awssim.Plants()...)
		y.plant(t, awssim.Plants()...)
		// What boots has booted.
		time.Sleep(10 * time.Minute)
		by := foreign(y.explain(t))
		require.Len(t, by, 12)
		y.delete(t)
		y.blocked(t, by)
		for _, d := range by {
			y.removeByHand(t, d)
		}
		y.until(t, isGone)
		require.Empty(t, y.AWS.String())
	})
}

// The service dies just before one of the calls of a sweep acts, or just after,
// before it hears the answer, and another replica goes on.
func TestAReplicaKilledInTheMiddleOfASweepLeavesNothing(t *testing.T) {
	for _, operation := range []string{
		"DescribeTags", "DescribeVpcPeeringConnections", "TerminateInstances", "DeleteLoadBalancer", "DeleteTargetGroup",
		"DeleteNetworkInterface", "RevokeSecurityGroupIngress", "DeleteSecurityGroup", "DeleteVpcEndpoints", "DeleteVolume", "DeleteVpc",
	} {
		for _, acted := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, acted %t", operation, acted), func(t *testing.T) {
				plantIn(t, networkv1.VolumeRetention_DELETE, func(t *testing.T, y *yard) {
					y.plant(t, slices.DeleteFunc(awssim.Plants(), func(p awssim.Plant) bool { return p.Foreign })...)
					died := y.killAt(operation, acted)
					y.delete(t)
					y.gone(t)
					require.True(t, died(), "the network never called %s", operation)
					require.Empty(t, y.AWS.String())
				})
			})
		}
	}
}

// killAt kills the replica at its first call of an operation and starts another.
// It returns whether that happened.
func (y *yard) killAt(operation string, acted bool) (died func() bool) {
	var dead atomic.Bool
	strike := func(call awssim.Call) error {
		if call.Operation != operation || dead.Swap(true) {
			return nil
		}
		for _, replica := range y.Running(network.Name) {
			replica.Kill()
			go func() {
				y.Kill(replica)
				y.Start(network.Name)
			}()
		}
		return errors.New("the process is dead")
	}
	if acted {
		y.AWS.Inject(awssim.Faults{After: strike})
	} else {
		y.AWS.Inject(awssim.Faults{Before: strike})
	}
	return dead.Load
}

// gone waits until the network has gone. A watch that breaks because its replica
// was killed is begun anew.
func (y *yard) gone(t *testing.T) {
	t.Helper()
	there := true
	for there {
		require.NoError(t, y.ctx.Err())
		stream, err := y.client.WatchNetworks(y.ctx, &networkv1.WatchNetworksRequest{Parent: "organizations/demo"})
		require.NoError(t, err)
		listed := false
		for there {
			m, err := stream.Recv()
			if err != nil {
				break
			}
			listed = listed || m.GetNetwork() != nil && !m.GetDeleted()
			there = !m.GetDeleted() && (listed || !m.GetSynced())
		}
		time.Sleep(time.Second)
	}
}
