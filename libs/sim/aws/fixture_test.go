package aws_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/require"

	awssim "github.com/skep-dev/skep/libs/sim/aws"
)

// newSite creates a VPC with two subnets, an internet gateway and the group of the nodes.
func newSite(t *testing.T, c *ec2.Client) (site awssim.Target, subnets []string, gateway, group *string) {
	t.Helper()
	site = awssim.Target{Account: account, Region: region, VPC: *createVPC(t, c, "orchid"), Cluster: "orchiduid1"}
	for _, zone := range []string{"a", "b"} {
		out, err := c.CreateSubnet(t.Context(), &ec2.CreateSubnetInput{
			VpcId: &site.VPC, CidrBlock: aws.String("10.0." + map[string]string{"a": "16", "b": "32"}[zone] + ".0/20"), AvailabilityZone: aws.String(region + zone),
		})
		require.NoError(t, err)
		subnets = append(subnets, *out.Subnet.SubnetId)
	}
	made, err := c.CreateInternetGateway(t.Context(), &ec2.CreateInternetGatewayInput{})
	require.NoError(t, err)
	_, err = c.AttachInternetGateway(t.Context(), &ec2.AttachInternetGatewayInput{InternetGatewayId: made.InternetGateway.InternetGatewayId, VpcId: &site.VPC})
	require.NoError(t, err)
	nodes, err := c.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{VpcId: &site.VPC, GroupName: aws.String("orchiduid1-node"), Description: aws.String("nodes")})
	require.NoError(t, err)
	return site, subnets, made.InternetGateway.InternetGatewayId, nodes.GroupId
}

// Resources outside of a VPC do not block its delete.
var harmless = []string{"target group", "volume"}

func TestEveryFixtureBlocksTheDeleteOfItsVPC(t *testing.T) {
	for _, fixture := range awssim.Fixtures() {
		t.Run(fixture.Name, func(t *testing.T) {
			bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, c *ec2.Client) {
				site, subnets, gateway, group := newSite(t, c)
				before := w.String()
				require.NoError(t, w.PutFixture(fixture, site))
				require.NotEqual(t, before, w.String())
				require.NoError(t, w.PutFixture(fixture, site), "a second one")

				refusals := 0
				count := func(err error) {
					if err != nil {
						refused(t, "DependencyViolation", err)
						refusals++
					}
				}
				_, err := c.DetachInternetGateway(t.Context(), &ec2.DetachInternetGatewayInput{InternetGatewayId: gateway, VpcId: &site.VPC})
				count(err)
				_, err = c.DeleteInternetGateway(t.Context(), &ec2.DeleteInternetGatewayInput{InternetGatewayId: gateway})
				count(err)
				for _, id := range subnets {
					_, err := c.DeleteSubnet(t.Context(), &ec2.DeleteSubnetInput{SubnetId: &id})
					count(err)
				}
				_, err = c.DeleteSecurityGroup(t.Context(), &ec2.DeleteSecurityGroupInput{GroupId: group})
				count(err)
				_, err = c.DeleteVpc(t.Context(), &ec2.DeleteVpcInput{VpcId: &site.VPC})
				count(err)
				free := strings.HasPrefix(fixture.Name, harmless[0]) || strings.HasPrefix(fixture.Name, harmless[1])
				require.Equal(t, free, refusals == 0)
			})
		})
	}
}

func TestAFixtureWithoutAVPCIsRefused(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, _ *ec2.Client) {
		err := w.PutFixture(awssim.Fixtures()[0], awssim.Target{Account: account, Region: region, VPC: "vpc-00000000000000000", Cluster: "orchiduid1"})
		require.Error(t, err)
	})
}
