package leftover

import "strings"

// commands remove a thing by hand, with {} for its id.
var commands = map[Sort]string{
	Instance:            "aws ec2 terminate-instances --instance-ids {}",
	LoadBalancer:        "aws elbv2 delete-load-balancer --load-balancer-arn {}",
	ClassicLoadBalancer: "aws elb delete-load-balancer --load-balancer-name {}",
	TargetGroup:         "aws elbv2 delete-target-group --target-group-arn {}",
	NetworkInterface:    "aws ec2 delete-network-interface --network-interface-id {}",
	SecurityGroup:       "aws ec2 delete-security-group --group-id {}",
	VPCEndpoint:         "aws ec2 delete-vpc-endpoints --vpc-endpoint-ids {}",
	NATGateway:          "aws ec2 delete-nat-gateway --nat-gateway-id {}",
	Subnet:              "aws ec2 delete-subnet --subnet-id {}",
	RouteTable:          "aws ec2 delete-route-table --route-table-id {}",
	Peering:             "aws ec2 delete-vpc-peering-connection --vpc-peering-connection-id {}",
	Address:             "aws ec2 release-address --allocation-id {}",
	Volume:              "aws ec2 delete-volume --volume-id {}",
}

// command is how somebody removes a thing by hand.
func command(sort Sort, id string) string { return strings.ReplaceAll(commands[sort], "{}", id) }
