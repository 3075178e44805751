// Package ec2api holds the parts that all operations of EC2 share: filters and pages of Describe, tags, client tokens,
// availability zones and API limits. The packages vpc and instance add resource types and operations to its service.
//
// It promises the error codes of the EC2 API, and panics on filters that it does not simulate. Only packages below
// libs/sim/aws may import it.
package ec2api
