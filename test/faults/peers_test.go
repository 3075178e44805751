package faults_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"

	awssim "github.com/skep-dev/skep/libs/sim/aws"
	"github.com/skep-dev/skep/libs/sim/suite"
	"github.com/skep-dev/skep/services/network"
	"github.com/skep-dev/skep/test/faults"
	"github.com/skep-dev/skep/test/scene"
)

// What went wrong elsewhere where a process died, an answer was lost or a thing
// went slowly, and the run in which the same goes wrong here.
var elsewhere = []struct{ issue, story, run string }{
	{
		"aws-controllers-k8s/community#2062", "interrupted between CreateVpc and the status, the controller made a second VPC",
		"create network.CreateVpc(networks/quickstart/vpc)#1:die-after",
	},
	{
		"cluster-api-provider-aws#2563", "down after the VPC was made and before its id was stored, the controller made another, and put the load balancer into the wrong one",
		"create network.CreateVpc(networks/quickstart/vpc)#1:die-answered",
	},
	{
		"cluster-api-provider-aws#4723", "as long as the id of the VPC could not be kept, another was made at every try",
		"create network.CreateVpc(networks/quickstart/vpc)#1:lose",
	},
	{
		"cluster-api-provider-aws#5794", "panicking after RunInstances, the controller made one more instance at every restart",
		"create compute.RunInstances(controlPlanes/quickstart/instance/eu-central-1a)#1:die-after compute.RunInstances(controlPlanes/quickstart/instance/eu-central-1b)#1:die-after",
	},
	{
		"cluster-api-provider-aws#1846", "the interface of a load balancer outlived it, and a security group could not be deleted, nor could the cluster",
		"delete ingress.DeleteLoadBalancer(apiEndpoints/quickstart/load-balancer/api)#1:die-after",
	},
}

func TestWhatWentWrongElsewhereGoesRightHere(t *testing.T) {
	t.Parallel()
	for _, e := range elsewhere {
		t.Run(e.issue, func(t *testing.T) {
			t.Parallel()
			run, err := faults.Parse(e.run)
			require.NoError(t, err)
			want := reference(t, run.Scenario)
			result := run.Play(t, want.End)
			require.Empty(t, result.Violations, e.story)
			require.Contains(t, result.Reached, true)
		})
	}
}

// kubernetes-sigs/cluster-api-provider-aws#815: while the step after CreateVpc
// failed, every retry made one more VPC, until the account's quota was used up.
func TestAStepThatKeepsFailingMakesNothingTwice(t *testing.T) {
	t.Parallel()
	scene.Play(t, scene.Options{}, func(t *testing.T, s *scene.Scene) {
		denied := &smithy.GenericAPIError{Code: "UnauthorizedOperation", Message: "You are not authorized to perform this operation."}
		s.AWS.Inject(awssim.Faults{Before: func(c awssim.Call) error {
			if c.Operation == "CreateSubnet" || c.Operation == "ModifyVpcAttribute" {
				return denied
			}
			return nil
		}})
		s.Create(t)
		time.Sleep(time.Hour)
		require.Equal(t, 1, s.AWS.CountCalls()["CreateVpc"])
		s.AWS.Inject(awssim.Faults{})
		s.Until(t, scene.IsReady)
		require.Equal(t, 1, s.AWS.CountCalls()["CreateVpc"])
		s.Remove(t)
		s.Until(t, scene.IsGone)
		require.Equal(t, s.Before, s.AWS.String())
	})
}

// kubernetes-sigs/cluster-api-provider-aws#4629: a tag of the user shadowed the
// one that instances were found by, and 124 were made in seconds.
func TestNothingThatAUserWritesHidesAThingFromItsOwner(t *testing.T) {
	t.Parallel()
	scene.Play(t, scene.Options{}, func(t *testing.T, s *scene.Scene) {
		forged := map[string]string{"name": "forged", "skep.dev/intent": "forged", "skep.dev/resource": "forged", "skep.dev/cluster": "forged"}
		cluster := scene.Quickstart(t)
		cluster.Labels = forged
		cluster.Spec.NodePools["workers"].Labels = forged
		_, err := s.Clusters.CreateCluster(s.Context, &clusterv1.CreateClusterRequest{Parent: scene.Organization, ClusterId: scene.ClusterID, Cluster: cluster})
		require.NoError(t, err)
		s.Until(t, scene.IsReady)
		live := 0
		for _, e := range s.AWS.Ledger() {
			for key, value := range e.Tags {
				require.False(t, strings.HasPrefix(key, "skep.dev/") && value == "forged", "%s of %s", key, e.Name)
			}
			if e.Kind == "Instance" {
				live++
			}
		}
		require.Equal(t, 3+3+2, live, "members, nodes and bastions")
		s.Remove(t)
		s.Until(t, scene.IsGone)
		require.Equal(t, s.Before, s.AWS.String())
	})
}

// kubernetes-sigs/cluster-api-provider-aws#969: two clusters of one name shared
// what was made, and the deletion of one took it from the other. Here a name means
// nothing in AWS: the things of a cluster that is gone and those of the next one of
// its name never meet.
func TestTwoClustersOfOneNameNeverMeet(t *testing.T) {
	t.Parallel()
	scene.Play(t, scene.Options{}, func(t *testing.T, s *scene.Scene) {
		s.Create(t)
		first := s.Until(t, scene.IsReady)
		s.Remove(t)
		s.Until(t, scene.IsGone)
		gone := len(s.AWS.Ledger())
		s.Create(t)
		second := s.Until(t, scene.IsReady)
		require.NotEqual(t, first.GetUid(), second.GetUid())
		for _, e := range s.AWS.Ledger()[gone:] {
			for key, value := range e.Tags {
				require.NotContains(t, key+value, first.GetUid(), e.Name)
			}
		}
	})
}

// kubernetes-sigs/cluster-api-provider-aws#3478: the load balancer of a Service
// was removed with the cluster, its security group stayed, and the VPC with it,
// without a word on what was in the way.
func TestASecurityGroupLeftByAControllerIsRemovedOrNamed(t *testing.T) {
	t.Parallel()
	scene.Play(t, scene.Options{}, func(t *testing.T, s *scene.Scene) {
		s.Create(t)
		cluster := s.Until(t, scene.IsReady)
		own, err := networkv1.NewNetworkServiceClient(s.Client(network.Name)).GetNetwork(s.Context, &networkv1.GetNetworkRequest{
			Name: scene.Organization + "/networks/" + scene.ClusterID,
		})
		require.NoError(t, err)
		api := ec2.NewFromConfig(s.AWS.Config(suite.Account, "eu-central-1"))
		left, err := api.CreateSecurityGroup(s.Context, &ec2.CreateSecurityGroupInput{
			GroupName: aws.String("k8s-elb-a1b2c3d4"), Description: aws.String("Security group for Kubernetes ELB"), VpcId: aws.String(own.GetNetwork().GetStatus().GetVpcId()),
			TagSpecifications: []types.TagSpecification{{ResourceType: types.ResourceTypeSecurityGroup, Tags: []types.Tag{
				{Key: aws.String("kubernetes.io/cluster/" + cluster.GetUid()), Value: aws.String("owned")},
			}}},
		})
		require.NoError(t, err)
		s.Remove(t)
		named := false
		s.Until(t, func(m *clusterv1.WatchClustersResponse) bool {
			for _, item := range m.GetCluster().GetStatus().GetResources() {
				named = named || item.GetFault().GetAwsCode() == "DependencyViolation"
			}
			return named || scene.IsGone(m)
		})
		if named {
			_, err = api.DeleteSecurityGroup(s.Context, &ec2.DeleteSecurityGroupInput{GroupId: left.GroupId})
			require.NoError(t, err)
		}
		s.Until(t, scene.IsGone)
		require.Equal(t, s.Before, s.AWS.String())
	})
}
