package ingress_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/require"

	ingressv1 "github.com/skep-dev/skep/proto/gen/go/skep/ingress/v1"
	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"
	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/service"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/fault"
	awssim "github.com/skep-dev/skep/libs/sim/aws"
	"github.com/skep-dev/skep/libs/sim/suite"
	"github.com/skep-dev/skep/services/ingress"
)

const (
	region       = "eu-central-1"
	organization = "organizations/demo"
	account      = organization + "/accounts/main"
	network      = organization + "/networks/orchid"
	endpointName = organization + "/apiEndpoints/orchid"
	ingressName  = organization + "/ingresses/orchid"
)

var alone = suite.Options{DirectCredentials: true, Services: map[string]service.Constructor{ingress.Name: ingress.New}}

// fixtureNetwork creates the resources and the record that the network service would provide.
func fixtureNetwork(ctx context.Context, t *testing.T, s *suite.Suite) {
	t.Helper()
	api := ec2.NewFromConfig(s.AWS.Config(suite.Account, region))
	vpc, err := api.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
	require.NoError(t, err)
	id := vpc.Vpc.VpcId
	gateway, err := api.CreateInternetGateway(ctx, &ec2.CreateInternetGatewayInput{})
	require.NoError(t, err)
	_, err = api.AttachInternetGateway(ctx, &ec2.AttachInternetGatewayInput{InternetGatewayId: gateway.InternetGateway.InternetGatewayId, VpcId: id})
	require.NoError(t, err)
	subnet, err := api.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: id, AvailabilityZone: aws.String(region + "a"), CidrBlock: aws.String("10.0.0.0/20")})
	require.NoError(t, err)
	groups := new(networkv1.SecurityGroups)
	status := &networkv1.NetworkStatus{
		VpcId: aws.ToString(id), Zones: []*networkv1.Zone{{Name: region + "a"}}, SecurityGroups: groups,
		Subnets:    []*networkv1.Subnet{{Id: aws.ToString(subnet.Subnet.SubnetId), Zone: region + "a", Tier: networkv1.Subnet_PUBLIC}},
		Conditions: []*typev1.Condition{{Type: object.ConditionInternetGatewayReady, Status: typev1.Condition_TRUE}},
	}
	for role, field := range map[string]*string{"api-load-balancer": &groups.ApiLoadBalancer, "ingress-load-balancer": &groups.IngressLoadBalancer} {
		group, err := api.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{VpcId: id, GroupName: aws.String(role), Description: aws.String(role)})
		require.NoError(t, err)
		*field = aws.ToString(group.GroupId)
	}
	record := new(recordv1.Record)
	require.NoError(t, object.Pack(record, &networkv1.Network{Name: network, Uid: "netuid2345", Status: status}))
	bucket, err := store.Open(ctx, s.NATS("network"), "network", store.Options{})
	require.NoError(t, err)
	running, stop := context.WithCancel(ctx)
	var stopped sync.WaitGroup
	stopped.Go(func() { _ = bucket.Run(running) })
	defer stopped.Wait()
	defer stop()
	_, err = bucket.Put(ctx, "networks/demo/orchid", record, 0)
	require.NoError(t, err)
}

func apply(ctx context.Context, t *testing.T, s *suite.Suite) {
	t.Helper()
	_, err := ingressv1.NewIngressServiceClient(s.Client(ingress.Name)).ApplyIngress(ctx, &ingressv1.ApplyIngressRequest{Ingress: &ingressv1.Ingress{
		Name: ingressName, Spec: &ingressv1.IngressSpec{Account: account, Region: region, Network: network, ApiEndpoint: endpointName},
	}})
	require.NoError(t, err)
	_, err = ingressv1.NewApiEndpointServiceClient(s.Client(ingress.Name)).ApplyApiEndpoint(ctx, &ingressv1.ApplyApiEndpointRequest{ApiEndpoint: desired()})
	require.NoError(t, err)
}

func desired() *ingressv1.ApiEndpoint {
	return &ingressv1.ApiEndpoint{
		Name: endpointName, Spec: &ingressv1.ApiEndpointSpec{Account: account, Region: region, Network: network, ZoneName: "orchid.example.test"},
	}
}

func TestEndpointAndIngressAreCreatedConcurrentlyAndDeleted(t *testing.T) {
	suite.Run(t, alone, func(t *testing.T, s *suite.Suite) {
		ctx := suite.Context(t)
		_, err := s.AWS.PutHostedZone(suite.Account, "example.test")
		require.NoError(t, err)
		endpoints, ingresses := ingressv1.NewApiEndpointServiceClient(s.Client(ingress.Name)), ingressv1.NewIngressServiceClient(s.Client(ingress.Name))
		// Both objects are applied before the network exists, and the ingress before the zone of its record.
		apply(ctx, t, s)
		fixtureNetwork(ctx, t, s)
		began := time.Now()

		endpointStream, err := endpoints.WatchApiEndpoints(ctx, &ingressv1.WatchApiEndpointsRequest{Parent: organization})
		require.NoError(t, err)
		endpoint := suite.Await(t, endpointStream.Recv, func(m *ingressv1.WatchApiEndpointsResponse) bool {
			return m.GetApiEndpoint().GetStatus().GetState() == typev1.State_READY
		}).GetApiEndpoint().GetStatus()
		ingressStream, err := ingresses.WatchIngresses(ctx, &ingressv1.WatchIngressesRequest{Parent: organization})
		require.NoError(t, err)
		front := suite.Await(t, ingressStream.Recv, func(m *ingressv1.WatchIngressesResponse) bool {
			return m.GetIngress().GetStatus().GetState() == typev1.State_READY
		}).GetIngress().GetStatus()
		require.Less(t, time.Since(began), awssim.Latency("LoadBalancer/available")+10*time.Second, "resources were created one after the other")

		require.Equal(t, "api.orchid.example.test", endpoint.GetHost())
		require.EqualValues(t, 443, endpoint.GetPort())
		require.NotEmpty(t, endpoint.GetTargetGroupArn())
		require.Len(t, endpoint.GetNameServers(), 4)
		require.True(t, endpoint.GetDelegated())
		require.Equal(t, "*.orchid.example.test", front.GetHost())
		require.NotEmpty(t, front.GetTargetGroupArns().GetHttp())
		require.NotEmpty(t, front.GetTargetGroupArns().GetHttps())

		mutations := len(s.AWS.Mutations())
		time.Sleep(time.Hour)
		require.Len(t, s.AWS.Mutations(), mutations, "ready resources were changed")

		_, err = endpoints.DeleteApiEndpoint(ctx, &ingressv1.DeleteApiEndpointRequest{Name: endpointName})
		require.NoError(t, err)
		blocked := suite.Await(t, endpointStream.Recv, func(m *ingressv1.WatchApiEndpointsResponse) bool {
			return len(m.GetApiEndpoint().GetStatus().GetResources()) == 1
		}).GetApiEndpoint().GetStatus().GetResources()[0]
		require.Equal(t, "hosted-zone", blocked.GetName())
		require.Contains(t, blocked.GetMessage(), "is still used by ingresses/demo/orchid")

		_, err = ingresses.DeleteIngress(ctx, &ingressv1.DeleteIngressRequest{Name: ingressName})
		require.NoError(t, err)
		suite.Await(t, ingressStream.Recv, func(m *ingressv1.WatchIngressesResponse) bool { return m.GetDeleted() })
		suite.Await(t, endpointStream.Recv, func(m *ingressv1.WatchApiEndpointsResponse) bool { return m.GetDeleted() })
		for _, deleted := range []string{"LoadBalancer", "TargetGroup", "Listener", "HostedZone", "RecordSet", "NetworkInterface"} {
			require.NotContains(t, s.AWS.String(), " "+deleted+" ", "a resource remains")
		}
		require.Zero(t, s.AWS.Throttles())
	})
}

func TestConditionDelegatedNamesTheRecordToAddByHand(t *testing.T) {
	suite.Run(t, alone, func(t *testing.T, s *suite.Suite) {
		ctx := suite.Context(t)
		fixtureNetwork(ctx, t, s)
		apply(ctx, t, s)
		stream, err := ingressv1.NewApiEndpointServiceClient(s.Client(ingress.Name)).WatchApiEndpoints(ctx, &ingressv1.WatchApiEndpointsRequest{Parent: organization})
		require.NoError(t, err)
		status := suite.Await(t, stream.Recv, func(m *ingressv1.WatchApiEndpointsResponse) bool {
			return m.GetApiEndpoint().GetStatus().GetState() == typev1.State_READY
		}).GetApiEndpoint().GetStatus()
		require.False(t, status.GetDelegated())
		last := status.GetConditions()[len(status.GetConditions())-1]
		require.Equal(t, "Delegated", last.GetType())
		require.Contains(t, last.GetMessage(), status.GetNameServers()[0])
	})
}

func TestPlanListsTheResourcesAndCreatesNone(t *testing.T) {
	suite.Run(t, alone, func(t *testing.T, s *suite.Suite) {
		ctx := suite.Context(t)
		client := ingressv1.NewApiEndpointServiceClient(s.Client(ingress.Name))
		plan, err := client.PlanApiEndpoint(ctx, &ingressv1.PlanApiEndpointRequest{ApiEndpoint: desired(), AssumeZones: []string{region + "a"}})
		require.NoError(t, err)
		var names []string
		for _, action := range plan.GetActions() {
			require.Equal(t, typev1.PlannedAction_CREATE, action.GetVerb())
			names = append(names, action.GetResource())
		}
		require.Equal(t, []string{"hosted-zone", "hosted-zone-tags", "load-balancer/api", "load-balancer-activation/api",
			"target-group/api", "target-group-attributes/api", "listener/api", "record/api"}, names)
		require.Equal(t, []string{region + "a"}, plan.GetZones())
		require.Empty(t, s.AWS.Mutations())
	})
}

func TestTwoAPIEndpointsCannotHaveOneZone(t *testing.T) {
	suite.Run(t, alone, func(t *testing.T, s *suite.Suite) {
		ctx := suite.Context(t)
		apply(ctx, t, s)
		other := desired()
		other.Name, other.Spec.ZoneName = organization+"/apiEndpoints/tulip", "Orchid.Example.test"
		_, err := ingressv1.NewApiEndpointServiceClient(s.Client(ingress.Name)).ApplyApiEndpoint(ctx, &ingressv1.ApplyApiEndpointRequest{ApiEndpoint: other})
		require.True(t, fault.Is(err, fault.Invalid))
		require.Equal(t, "spec.zoneName", fault.Of(err).Fields[0].Path)
	})
}
