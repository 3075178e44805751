// Package autoscaling is EC2 Auto Scaling: groups that keep a desired number of instances, and register them with
// target groups.
//
// It launches and terminates instances by the functions of the package instance, and so under the same quotas and
// capacities. Only packages below libs/sim/aws may import it; it imports instance, vpc and elb.
package autoscaling
