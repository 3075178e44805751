package leftover

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func lookAddress(ctx context.Context, in AWS, id string) (presence, error) {
	out, err := in.EC2.DescribeAddresses(ctx, &ec2.DescribeAddressesInput{Filters: byID("allocation-id", id)})
	if err != nil {
		return absent, err
	}
	return some(out.Addresses, nil)
}

func releaseAddress(ctx context.Context, l *Leftover) error {
	_, err := l.aws.EC2.ReleaseAddress(ctx, &ec2.ReleaseAddressInput{AllocationId: aws.String(l.ID())})
	return err
}

func lookGateway(ctx context.Context, in AWS, id string) (presence, error) {
	out, err := in.EC2.DescribeNatGateways(ctx, &ec2.DescribeNatGatewaysInput{Filter: byID("nat-gateway-id", id)})
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

func lookSubnet(ctx context.Context, in AWS, id string) (presence, error) {
	out, err := in.EC2.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{Filters: byID("subnet-id", id)})
	if err != nil {
		return absent, err
	}
	return some(out.Subnets, nil)
}

func lookTable(ctx context.Context, in AWS, id string) (presence, error) {
	out, err := in.EC2.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{Filters: byID("route-table-id", id)})
	if err != nil {
		return absent, err
	}
	return some(out.RouteTables, nil)
}

// lookPeering sees a connection that AWS still shows after its end as gone.
func lookPeering(ctx context.Context, in AWS, id string) (presence, error) {
	out, err := in.EC2.DescribeVpcPeeringConnections(ctx, &ec2.DescribeVpcPeeringConnectionsInput{Filters: append(
		byID("vpc-peering-connection-id", id), types.Filter{Name: aws.String("status-code"), Values: []string{"active", "pending-acceptance"}})})
	if err != nil {
		return absent, err
	}
	return some(out.VpcPeeringConnections, nil)
}
