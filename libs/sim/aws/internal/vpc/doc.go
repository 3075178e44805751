// Package vpc is Amazon VPC, the network part of the EC2 API: VPCs, subnets, route tables, gateways, addresses,
// endpoints, network interfaces and security groups.
//
// It refuses what AWS refuses, above all the delete of a resource that another one depends on. Only packages below
// libs/sim/aws may import it; it imports no other service than ec2api.
package vpc
