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
	"github.com/skep-dev/skep/test/clustertest"
	"github.com/skep-dev/skep/test/faults"
)

// peerBugs are public bugs of other controllers after a crash, a lost answer or a slow
// call, each with the run that injects the same fault into Skep.
var peerBugs = []struct{ issue, story, run string }{
	{
		"aws-controllers-k8s/community#2062", "interrupted between CreateVpc and the status, the controller created a second VPC",
		"create network.CreateVpc(networks/quickstart/vpc)#1:die-after",
	},
	{
		"cluster-api-provider-aws#2563", "down after the create of the VPC and before its id was stored, the controller created another and put the load balancer into the wrong one",
		"create network.CreateVpc(networks/quickstart/vpc)#1:die-answered",
	},
	{
		"cluster-api-provider-aws#4723", "while the id of the VPC could not be stored, every retry created another VPC",
		"create network.CreateVpc(networks/quickstart/vpc)#1:lose",
	},
	{
		"cluster-api-provider-aws#5794", "the controller panicked after RunInstances and created one more instance at every restart",
		"create compute.RunInstances(controlPlanes/quickstart/instance/eu-central-1a)#1:die-after compute.RunInstances(controlPlanes/quickstart/instance/eu-central-1b)#1:die-after",
	},
	{
		"cluster-api-provider-aws#1846", "the interface of a load balancer outlived it and blocked the delete of a security group and of the cluster",
		"delete ingress.DeleteLoadBalancer(apiEndpoints/quickstart/load-balancer/api)#1:die-after",
	},
}

func TestBugsOfPeersDoNotHappenHere(t *testing.T) {
	t.Parallel()
	for _, e := range peerBugs {
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
// failed, every retry created one more VPC, until the quota of the account was used up.
func TestRepeatedFailureAfterCreateVpcCreatesOneVpc(t *testing.T) {
	t.Parallel()
	clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
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
		s.WaitUntil(t, clustertest.IsReady)
		require.Equal(t, 1, s.AWS.CountCalls()["CreateVpc"])
		s.Delete(t)
		s.WaitUntil(t, clustertest.IsDeleted)
		require.Equal(t, s.Baseline, s.AWS.String())
	})
}

// kubernetes-sigs/cluster-api-provider-aws#4629: a tag of the user shadowed the tag
// that the controller finds instances by, and it created 124 instances within seconds.
func TestTagsOfTheUserHideNoResourceFromSkep(t *testing.T) {
	t.Parallel()
	clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
		forged := map[string]string{"name": "forged", "skep.dev/intent": "forged", "skep.dev/resource": "forged", "skep.dev/cluster": "forged"}
		cluster := clustertest.Quickstart(t)
		cluster.Labels = forged
		cluster.Spec.NodePools["workers"].Labels = forged
		_, err := s.Clusters.CreateCluster(s.Context, &clusterv1.CreateClusterRequest{Parent: clustertest.Organization, ClusterId: clustertest.ClusterID, Cluster: cluster})
		require.NoError(t, err)
		s.WaitUntil(t, clustertest.IsReady)
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
		s.Delete(t)
		s.WaitUntil(t, clustertest.IsDeleted)
		require.Equal(t, s.Baseline, s.AWS.String())
	})
}

// kubernetes-sigs/cluster-api-provider-aws#969: two clusters of one name shared
// resources, and the deletion of one removed them from the other. In Skep the uid, not the
// name, identifies the owner in AWS, so the resources of a deleted cluster and of the
// next one with its name are separate.
func TestTwoClustersOfOneNameShareNoResource(t *testing.T) {
	t.Parallel()
	clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
		s.Create(t)
		first := s.WaitUntil(t, clustertest.IsReady)
		s.Delete(t)
		s.WaitUntil(t, clustertest.IsDeleted)
		deleted := len(s.AWS.Ledger())
		s.Create(t)
		second := s.WaitUntil(t, clustertest.IsReady)
		require.NotEqual(t, first.GetUid(), second.GetUid())
		for _, e := range s.AWS.Ledger()[deleted:] {
			for key, value := range e.Tags {
				require.NotContains(t, key+value, first.GetUid(), e.Name)
			}
		}
	})
}

// kubernetes-sigs/cluster-api-provider-aws#3478: the load balancer of a Service was
// deleted with the cluster, but its security group remained and blocked the delete of the
// VPC, and no message named it.
func TestALeftoverSecurityGroupIsDeletedOrReported(t *testing.T) {
	t.Parallel()
	clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
		s.Create(t)
		cluster := s.WaitUntil(t, clustertest.IsReady)
		own, err := networkv1.NewNetworkServiceClient(s.Client(network.Name)).GetNetwork(s.Context, &networkv1.GetNetworkRequest{
			Name: clustertest.Organization + "/networks/" + clustertest.ClusterID,
		})
		require.NoError(t, err)
		api := ec2.NewFromConfig(s.AWS.Config(suite.Account, "eu-central-1"))
		leftover, err := api.CreateSecurityGroup(s.Context, &ec2.CreateSecurityGroupInput{
			GroupName: aws.String("k8s-elb-a1b2c3d4"), Description: aws.String("Security group for Kubernetes ELB"), VpcId: aws.String(own.GetNetwork().GetStatus().GetVpcId()),
			TagSpecifications: []types.TagSpecification{{ResourceType: types.ResourceTypeSecurityGroup, Tags: []types.Tag{
				{Key: aws.String("kubernetes.io/cluster/" + cluster.GetUid()), Value: aws.String("owned")},
			}}},
		})
		require.NoError(t, err)
		s.Delete(t)
		reported := false
		s.WaitUntil(t, func(m *clusterv1.WatchClustersResponse) bool {
			for _, item := range m.GetCluster().GetStatus().GetResources() {
				reported = reported || item.GetFault().GetAwsCode() == "DependencyViolation"
			}
			return reported || clustertest.IsDeleted(m)
		})
		if reported {
			_, err = api.DeleteSecurityGroup(s.Context, &ec2.DeleteSecurityGroupInput{GroupId: leftover.GroupId})
			require.NoError(t, err)
		}
		s.WaitUntil(t, clustertest.IsDeleted)
		require.Equal(t, s.Baseline, s.AWS.String())
	})
}
