package lifecycle_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/require"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"

	"github.com/skep-dev/skep/libs/sim/suite"
	"github.com/skep-dev/skep/services/network"
	"github.com/skep-dev/skep/test/clustertest"
)

func TestADeleteReportsItsBlockerAndContinuesAfterIt(t *testing.T) {
	clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
		s.Create(t)
		s.WaitUntil(t, clustertest.IsReady)
		own, err := networkv1.NewNetworkServiceClient(s.Client(network.Name)).GetNetwork(s.Context, &networkv1.GetNetworkRequest{
			Name: clustertest.Organization + "/networks/" + clustertest.ClusterID,
		})
		require.NoError(t, err)
		// The account administrator created a network interface in a subnet by hand.
		api := ec2.NewFromConfig(s.AWS.Config(suite.Account, "eu-central-1"))
		subnet := own.GetNetwork().GetStatus().GetSubnets()[0].GetId()
		foreign, err := api.CreateNetworkInterface(s.Context, &ec2.CreateNetworkInterfaceInput{SubnetId: aws.String(subnet)})
		require.NoError(t, err)

		s.Delete(t)
		blocker := aws.ToString(foreign.NetworkInterface.NetworkInterfaceId)
		blocked := s.WaitUntil(t, func(m *clusterv1.WatchClustersResponse) bool {
			for _, item := range m.GetCluster().GetStatus().GetResources() {
				if item.GetFault() != nil && item.GetId() == blocker {
					return true
				}
			}
			return false
		})
		var message string
		for _, component := range blocked.GetStatus().GetComponents() {
			if component.GetLabel() == "network" {
				message = component.GetMessage()
			}
		}
		require.Contains(t, message, "foreign/network-interface/"+blocker)
		require.Contains(t, message, "created by requester")

		explained, err := s.Clusters.ExplainDelete(s.Context, &clusterv1.ExplainDeleteRequest{Name: clustertest.ClusterName})
		require.NoError(t, err)
		require.NotEmpty(t, explained.GetBlockers())

		_, err = api.DeleteNetworkInterface(s.Context, &ec2.DeleteNetworkInterfaceInput{NetworkInterfaceId: aws.String(blocker)})
		require.NoError(t, err)
		s.WaitUntil(t, clustertest.IsDeleted)
		isEmpty(t, s)
	})
}
