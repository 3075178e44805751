package aws_test

import (
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/require"

	awssim "github.com/skep-dev/skep/libs/sim/aws"
)

// network has one resource of each type that the network of a cluster consists of.
type network struct {
	vpc, public, gateway, address, nat, table, association, endpoint, group, peer, eni *string
}

// build creates a network in an order that AWS accepts.
func build(t *testing.T, c *ec2.Client) network {
	t.Helper()
	ctx := t.Context()
	n := network{vpc: createVPC(t, c, "orchid")}
	_, err := c.ModifyVpcAttribute(ctx, &ec2.ModifyVpcAttributeInput{VpcId: n.vpc, EnableDnsHostnames: &types.AttributeBooleanValue{Value: aws.Bool(true)}})
	require.NoError(t, err)
	subnet, err := c.CreateSubnet(ctx, &ec2.CreateSubnetInput{
		VpcId: n.vpc, CidrBlock: aws.String("10.0.0.0/20"), AvailabilityZoneId: aws.String("euc1-az2"), TagSpecifications: tags(types.ResourceTypeSubnet, "public-b"),
	})
	require.NoError(t, err)
	n.public = subnet.Subnet.SubnetId
	require.Equal(t, "eu-central-1b", *subnet.Subnet.AvailabilityZone)
	gateway, err := c.CreateInternetGateway(ctx, &ec2.CreateInternetGatewayInput{TagSpecifications: tags(types.ResourceTypeInternetGateway, "exit")})
	require.NoError(t, err)
	n.gateway = gateway.InternetGateway.InternetGatewayId
	_, err = c.AttachInternetGateway(ctx, &ec2.AttachInternetGatewayInput{InternetGatewayId: n.gateway, VpcId: n.vpc})
	require.NoError(t, err)
	address, err := c.AllocateAddress(ctx, &ec2.AllocateAddressInput{Domain: types.DomainTypeVpc, TagSpecifications: tags(types.ResourceTypeElasticIp, "egress-b")})
	require.NoError(t, err)
	n.address = address.AllocationId
	nat, err := c.CreateNatGateway(ctx, &ec2.CreateNatGatewayInput{SubnetId: n.public, AllocationId: n.address, TagSpecifications: tags(types.ResourceTypeNatgateway, "nat-b")})
	require.NoError(t, err)
	n.nat = nat.NatGateway.NatGatewayId
	table, err := c.CreateRouteTable(ctx, &ec2.CreateRouteTableInput{VpcId: n.vpc, TagSpecifications: tags(types.ResourceTypeRouteTable, "private-b")})
	require.NoError(t, err)
	n.table = table.RouteTable.RouteTableId
	require.NoError(t, ec2.NewNatGatewayAvailableWaiter(c).Wait(ctx, &ec2.DescribeNatGatewaysInput{NatGatewayIds: []string{*n.nat}}, 5*time.Minute))
	_, err = c.CreateRoute(ctx, &ec2.CreateRouteInput{RouteTableId: n.table, DestinationCidrBlock: aws.String("0.0.0.0/0"), NatGatewayId: n.nat})
	require.NoError(t, err)
	association, err := c.AssociateRouteTable(ctx, &ec2.AssociateRouteTableInput{RouteTableId: n.table, SubnetId: n.public})
	require.NoError(t, err)
	n.association = association.AssociationId
	endpoint, err := c.CreateVpcEndpoint(ctx, &ec2.CreateVpcEndpointInput{
		VpcId: n.vpc, ServiceName: aws.String("com.amazonaws.eu-central-1.s3"), RouteTableIds: []string{*n.table}, TagSpecifications: tags(types.ResourceTypeVpcEndpoint, "s3"),
	})
	require.NoError(t, err)
	n.endpoint = endpoint.VpcEndpoint.VpcEndpointId
	for name, id := range map[string]**string{"node": &n.group, "lb": &n.peer} {
		group, err := c.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{VpcId: n.vpc, GroupName: aws.String(name), Description: aws.String(name)})
		require.NoError(t, err)
		*id = group.GroupId
	}
	_, err = c.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: n.group, IpPermissions: fromGroup(n.peer)})
	require.NoError(t, err)
	eni, err := c.CreateNetworkInterface(ctx, &ec2.CreateNetworkInterfaceInput{SubnetId: n.public, Groups: []string{*n.group}, Description: aws.String("etcd-0")})
	require.NoError(t, err)
	n.eni = eni.NetworkInterface.NetworkInterfaceId
	return n
}

func fromGroup(peer *string) []types.IpPermission {
	return []types.IpPermission{{
		IpProtocol: aws.String("tcp"), FromPort: aws.Int32(6443), ToPort: aws.Int32(6443), UserIdGroupPairs: []types.UserIdGroupPair{{GroupId: peer}},
	}}
}

// steps returns the deletes of the network, in an order that AWS accepts.
func (n network) steps(t *testing.T, c *ec2.Client) []step {
	ctx := t.Context()
	return []step{
		{"network interface", func() error {
			_, err := c.DeleteNetworkInterface(ctx, &ec2.DeleteNetworkInterfaceInput{NetworkInterfaceId: n.eni})
			return err
		}},
		{"security group that names another", func() error {
			_, err := c.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: n.group})
			return err
		}},
		{"security group", func() error {
			_, err := c.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: n.peer})
			return err
		}},
		{"endpoint", func() error {
			_, err := c.DeleteVpcEndpoints(ctx, &ec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{*n.endpoint}})
			return err
		}},
		{"association", func() error {
			_, err := c.DisassociateRouteTable(ctx, &ec2.DisassociateRouteTableInput{AssociationId: n.association})
			return err
		}},
		{"route table", func() error {
			_, err := c.DeleteRouteTable(ctx, &ec2.DeleteRouteTableInput{RouteTableId: n.table})
			return err
		}},
		{"NAT gateway", func() error {
			if _, err := c.DeleteNatGateway(ctx, &ec2.DeleteNatGatewayInput{NatGatewayId: n.nat}); err != nil {
				return err
			}
			return ec2.NewNatGatewayDeletedWaiter(c).Wait(ctx, &ec2.DescribeNatGatewaysInput{NatGatewayIds: []string{*n.nat}}, 5*time.Minute)
		}},
		{"address", func() error {
			_, err := c.ReleaseAddress(ctx, &ec2.ReleaseAddressInput{AllocationId: n.address})
			return err
		}},
		{"attachment", func() error {
			_, err := c.DetachInternetGateway(ctx, &ec2.DetachInternetGatewayInput{InternetGatewayId: n.gateway, VpcId: n.vpc})
			return err
		}},
		{"internet gateway", func() error {
			_, err := c.DeleteInternetGateway(ctx, &ec2.DeleteInternetGatewayInput{InternetGatewayId: n.gateway})
			return err
		}},
		{"subnet", func() error {
			_, err := c.DeleteSubnet(ctx, &ec2.DeleteSubnetInput{SubnetId: n.public})
			return err
		}},
		{"VPC", func() error {
			_, err := c.DeleteVpc(ctx, &ec2.DeleteVpcInput{VpcId: n.vpc})
			return err
		}},
	}
}

type step struct {
	what string
	do   func() error
}

func (n network) tearDown(t *testing.T, c *ec2.Client) {
	t.Helper()
	for _, s := range n.steps(t, c) {
		require.NoError(t, s.do(), s.what)
	}
}

const built = `111122223333 eu-central-1 Address egress-b: on natGateway
111122223333 eu-central-1 InternetGateway exit: attached to orchid
111122223333 eu-central-1 NatGateway nat-b: in public-b at egress-b
111122223333 eu-central-1 NetworkAcl default: in orchid
111122223333 eu-central-1 NetworkInterface etcd-0: interface in public-b
111122223333 eu-central-1 NetworkInterface natGateway: natGateway in public-b of nat-b
111122223333 eu-central-1 RouteTable main: in orchid
111122223333 eu-central-1 RouteTable private-b: in orchid, 0.0.0.0/0 via nat-b, for public-b
111122223333 eu-central-1 SecurityGroup default: default in orchid
111122223333 eu-central-1 SecurityGroup lb: lb in orchid
111122223333 eu-central-1 SecurityGroup node: node in orchid
111122223333 eu-central-1 SecurityGroupRule egress: default all to 0.0.0.0/0
111122223333 eu-central-1 SecurityGroupRule egress: lb all to 0.0.0.0/0
111122223333 eu-central-1 SecurityGroupRule egress: node all to 0.0.0.0/0
111122223333 eu-central-1 SecurityGroupRule ingress: default all from default
111122223333 eu-central-1 SecurityGroupRule ingress: node tcp 6443-6443 from lb
111122223333 eu-central-1 Subnet public-b: 10.0.0.0/20 in orchid eu-central-1b
111122223333 eu-central-1 Vpc orchid: 10.0.0.0/16 dns-hostnames
111122223333 eu-central-1 VpcEndpoint s3: com.amazonaws.eu-central-1.s3 in orchid for private-b
`

func TestANetworkIsBuiltAndTornDown(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, c *ec2.Client) {
		n := build(t, c)
		require.Equal(t, built, w.String())
		n.tearDown(t, c)
		require.Empty(t, w.String())
		require.True(t, w.Empty(account))
		for _, e := range w.Ledger() {
			require.False(t, e.DeletedAt.IsZero(), "%s %s lives", e.Kind, e.Name)
		}
	})
}

func TestDeletesInTheWrongOrderAreRefused(t *testing.T) {
	blocked := map[string]struct{ until, code string }{
		"security group that names another": {"network interface", "DependencyViolation"},
		"security group":                    {"security group that names another", "DependencyViolation"},
		"route table":                       {"association", "DependencyViolation"},
		"address":                           {"NAT gateway", "InvalidIPAddress.InUse"},
		"attachment":                        {"NAT gateway", "DependencyViolation"},
		"internet gateway":                  {"attachment", "DependencyViolation"},
		"subnet":                            {"NAT gateway", "DependencyViolation"},
		"VPC":                               {"subnet", "DependencyViolation"},
	}
	bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, c *ec2.Client) {
		steps := build(t, c).steps(t, c)
		for i := range steps {
			for _, later := range steps {
				wall, ok := blocked[later.what]
				if ok && slices.ContainsFunc(steps[i:], func(s step) bool { return s.what == wall.until }) {
					refused(t, wall.code, later.do())
				}
			}
			require.NoError(t, steps[i].do(), steps[i].what)
		}
		require.Empty(t, w.String())
	})
}

func TestANATGatewayIsCreatedAndDeleted(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, _ *awssim.Simulation, c *ec2.Client) {
		n := build(t, c)
		state := func() types.NatGatewayState {
			out, err := c.DescribeNatGateways(t.Context(), &ec2.DescribeNatGatewaysInput{NatGatewayIds: []string{*n.nat}})
			require.NoError(t, err)
			return out.NatGateways[0].State
		}
		require.Equal(t, types.NatGatewayStateAvailable, state())
		_, err := c.DeleteNatGateway(t.Context(), &ec2.DeleteNatGatewayInput{NatGatewayId: n.nat})
		require.NoError(t, err)
		require.Equal(t, types.NatGatewayStateDeleting, state())
		require.Equal(t, types.RouteStateBlackhole, defaultRoute(t, c, n.table).State)
		time.Sleep(awssim.Latency("NatGateway/deleted"))
		require.Equal(t, types.NatGatewayStateDeleted, state())
		time.Sleep(time.Hour)
		_, err = c.DescribeNatGateways(t.Context(), &ec2.DescribeNatGatewaysInput{NatGatewayIds: []string{*n.nat}})
		refused(t, "NatGatewayNotFound", err)
	})
}

func TestANATGatewayIsAvailableAfterItsLatency(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, _ *awssim.Simulation, c *ec2.Client) {
		n := build(t, c)
		address, err := c.AllocateAddress(t.Context(), &ec2.AllocateAddressInput{})
		require.NoError(t, err)
		out, err := c.CreateNatGateway(t.Context(), &ec2.CreateNatGatewayInput{SubnetId: n.public, AllocationId: address.AllocationId})
		require.NoError(t, err)
		_, err = c.CreateRoute(t.Context(), &ec2.CreateRouteInput{RouteTableId: n.table, DestinationCidrBlock: aws.String("1.0.0.0/8"), NatGatewayId: out.NatGateway.NatGatewayId})
		refused(t, "InvalidNatGatewayID.NotFound", err)
		available := &ec2.DescribeNatGatewaysInput{NatGatewayIds: []string{*out.NatGateway.NatGatewayId}}
		until := out.NatGateway.CreateTime.Add(awssim.Latency("NatGateway/available"))
		time.Sleep(time.Until(until) - awssim.Latency("DescribeNatGateways"))
		early, err := c.DescribeNatGateways(t.Context(), available)
		require.NoError(t, err)
		require.Equal(t, types.NatGatewayStatePending, early.NatGateways[0].State)
		punctual, err := c.DescribeNatGateways(t.Context(), available)
		require.NoError(t, err)
		require.Equal(t, types.NatGatewayStateAvailable, punctual.NatGateways[0].State)
	})
}

func TestANATGatewayFailsWithoutAnInternetGateway(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, _ *awssim.Simulation, c *ec2.Client) {
		vpc := createVPC(t, c, "orchid")
		subnet, err := c.CreateSubnet(t.Context(), &ec2.CreateSubnetInput{VpcId: vpc, CidrBlock: aws.String("10.0.0.0/20")})
		require.NoError(t, err)
		address, err := c.AllocateAddress(t.Context(), &ec2.AllocateAddressInput{})
		require.NoError(t, err)
		nat, err := c.CreateNatGateway(t.Context(), &ec2.CreateNatGatewayInput{SubnetId: subnet.Subnet.SubnetId, AllocationId: address.AllocationId})
		require.NoError(t, err)
		require.Equal(t, types.NatGatewayStatePending, nat.NatGateway.State)
		time.Sleep(awssim.Latency("NatGateway/failed"))
		out, err := c.DescribeNatGateways(t.Context(), &ec2.DescribeNatGatewaysInput{Filter: []types.Filter{{Name: aws.String("state"), Values: []string{"failed"}}}})
		require.NoError(t, err)
		require.Len(t, out.NatGateways, 1)
		require.Equal(t, "Gateway.NotAttached", *out.NatGateways[0].FailureCode)
	})
}

func defaultRoute(t *testing.T, c *ec2.Client, table *string) types.Route {
	t.Helper()
	out, err := c.DescribeRouteTables(t.Context(), &ec2.DescribeRouteTablesInput{RouteTableIds: []string{*table}})
	require.NoError(t, err)
	for _, r := range out.RouteTables[0].Routes {
		if aws.ToString(r.DestinationCidrBlock) == "0.0.0.0/0" {
			return r
		}
	}
	require.Fail(t, "no default route")
	return types.Route{}
}
