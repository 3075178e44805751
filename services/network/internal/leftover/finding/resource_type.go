package finding

import "strings"

// ResourceType is the type of an AWS resource.
type ResourceType string

// The resource types that a scan finds.
const (
	Instance             ResourceType = "instance"
	LoadBalancer         ResourceType = "load-balancer"
	ClassicLoadBalancer  ResourceType = "classic-load-balancer"
	TargetGroup          ResourceType = "target-group"
	NetworkInterface     ResourceType = "network-interface"
	SecurityGroup        ResourceType = "security-group"
	VPCEndpoint          ResourceType = "vpc-endpoint"
	NATGateway           ResourceType = "nat-gateway"
	Subnet               ResourceType = "subnet"
	RouteTable           ResourceType = "route-table"
	VPCPeeringConnection ResourceType = "vpc-peering-connection"
	ElasticIP            ResourceType = "elastic-ip"
	Volume               ResourceType = "volume"
)

// Words returns the resource type as it stands in a sentence.
func (t ResourceType) Words() string { return strings.ReplaceAll(string(t), "-", " ") }

// deleteCommands delete a resource by hand, with {} for its id.
var deleteCommands = map[ResourceType]string{
	Instance:             "aws ec2 terminate-instances --instance-ids {}",
	LoadBalancer:         "aws elbv2 delete-load-balancer --load-balancer-arn {}",
	ClassicLoadBalancer:  "aws elb delete-load-balancer --load-balancer-name {}",
	TargetGroup:          "aws elbv2 delete-target-group --target-group-arn {}",
	NetworkInterface:     "aws ec2 delete-network-interface --network-interface-id {}",
	SecurityGroup:        "aws ec2 delete-security-group --group-id {}",
	VPCEndpoint:          "aws ec2 delete-vpc-endpoints --vpc-endpoint-ids {}",
	NATGateway:           "aws ec2 delete-nat-gateway --nat-gateway-id {}",
	Subnet:               "aws ec2 delete-subnet --subnet-id {}",
	RouteTable:           "aws ec2 delete-route-table --route-table-id {}",
	VPCPeeringConnection: "aws ec2 delete-vpc-peering-connection --vpc-peering-connection-id {}",
	ElasticIP:            "aws ec2 release-address --allocation-id {}",
	Volume:               "aws ec2 delete-volume --volume-id {}",
}

// DeleteCommand returns the command that deletes the resource with this id by hand.
func (t ResourceType) DeleteCommand(id string) string {
	return strings.ReplaceAll(deleteCommands[t], "{}", id)
}
