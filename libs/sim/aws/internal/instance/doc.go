// Package instance is the part of the EC2 API for instances: images, instance types, launch templates, launch and
// termination, and EBS volumes.
//
// Instances have the life cycle and the timing of AWS. Services that use instances learn of a termination by an event.
// Only packages below libs/sim/aws may import it; it imports vpc and iam.
package instance
