// Package route53 is Route 53: public hosted zones, record sets without routing policies, and changes that take their
// time.
//
// A change batch is applied as a whole or not at all. Only packages below libs/sim/aws may import it; it imports elb
// for the zones of load balancers.
package route53
