// Package elb is Elastic Load Balancing: version 2 with network load balancers, listeners, target groups and target
// health, and the description and delete of classic load balancers.
//
// The network interfaces of a load balancer outlive it for a while, as in AWS. Only packages below libs/sim/aws may
// import it; it imports vpc and instance.
package elb
