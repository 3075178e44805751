package removal

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func observeInterface(ctx context.Context, api AWS, id string) (presence, error) {
	out, err := api.EC2.DescribeNetworkInterfaces(ctx, &ec2.DescribeNetworkInterfacesInput{Filters: byID("network-interface-id", id)})
	if err != nil {
		return absent, err
	}
	return listed(out.NetworkInterfaces), nil
}

func deleteInterface(ctx context.Context, l *Leftover) error {
	_, err := l.aws.EC2.DeleteNetworkInterface(ctx, &ec2.DeleteNetworkInterfaceInput{NetworkInterfaceId: aws.String(l.ID())})
	return err
}

func observeEndpoint(ctx context.Context, api AWS, id string) (presence, error) {
	out, err := api.EC2.DescribeVpcEndpoints(ctx, &ec2.DescribeVpcEndpointsInput{Filters: byID("vpc-endpoint-id", id)})
	if err != nil {
		return absent, err
	}
	for _, endpoint := range out.VpcEndpoints {
		switch {
		case strings.EqualFold(string(endpoint.State), string(types.StateDeleted)):
		case strings.EqualFold(string(endpoint.State), string(types.StateDeleting)):
			return deleting, nil
		default:
			return present, nil
		}
	}
	return absent, nil
}

func deleteEndpoint(ctx context.Context, l *Leftover) error {
	_, err := l.aws.EC2.DeleteVpcEndpoints(ctx, &ec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{l.ID()}})
	return err
}

func observeElasticIP(ctx context.Context, api AWS, id string) (presence, error) {
	out, err := api.EC2.DescribeAddresses(ctx, &ec2.DescribeAddressesInput{Filters: byID("allocation-id", id)})
	if err != nil {
		return absent, err
	}
	return listed(out.Addresses), nil
}

func releaseElasticIP(ctx context.Context, l *Leftover) error {
	_, err := l.aws.EC2.ReleaseAddress(ctx, &ec2.ReleaseAddressInput{AllocationId: aws.String(l.ID())})
	return err
}

func observeNATGateway(ctx context.Context, api AWS, id string) (presence, error) {
	out, err := api.EC2.DescribeNatGateways(ctx, &ec2.DescribeNatGatewaysInput{Filter: byID("nat-gateway-id", id)})
	if err != nil {
		return absent, err
	}
	for _, gateway := range out.NatGateways {
		if gateway.State != types.NatGatewayStateDeleted && gateway.State != types.NatGatewayStateFailed {
			return present, nil
		}
	}
	return absent, nil
}

func observeSubnet(ctx context.Context, api AWS, id string) (presence, error) {
	out, err := api.EC2.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{Filters: byID("subnet-id", id)})
	if err != nil {
		return absent, err
	}
	return listed(out.Subnets), nil
}

func observeRouteTable(ctx context.Context, api AWS, id string) (presence, error) {
	out, err := api.EC2.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{Filters: byID("route-table-id", id)})
	if err != nil {
		return absent, err
	}
	return listed(out.RouteTables), nil
}

// observePeering filters by status, because AWS lists a peering connection for a while
// after its deletion.
func observePeering(ctx context.Context, api AWS, id string) (presence, error) {
	out, err := api.EC2.DescribeVpcPeeringConnections(ctx, &ec2.DescribeVpcPeeringConnectionsInput{Filters: append(
		byID("vpc-peering-connection-id", id), types.Filter{Name: aws.String("status-code"), Values: []string{"active", "pending-acceptance"}})})
	if err != nil {
		return absent, err
	}
	return listed(out.VpcPeeringConnections), nil
}
