// Package latency is the one table of how long AWS takes: for an API call, and for a resource to reach a state.
//
// Services read it to decide when to poll a resource next, the simulator to take the same time as AWS, and the critical
// path to add up the shortest possible time of a plan. A name that the table does not list makes [Of] panic, so that a
// missing figure never counts as zero.
//
// Any package may import it. It imports only the standard library.
package latency

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Name names a latency: a class of API calls, or "<ResourceType>/<state>".
type Name string

// The latency of an API call itself.
const (
	Read  Name = "read"
	Write Name = "write"
)

// The time from the answer to a call until the resource reaches the state.
const (
	VPCAvailable                Name = "Vpc/available"
	NATGatewayAvailable         Name = "NatGateway/available"
	NATGatewayFailed            Name = "NatGateway/failed"
	NATGatewayDeleted           Name = "NatGateway/deleted"
	VPCEndpointDeleted          Name = "VpcEndpoint/deleted"
	VPCEndpointReleased         Name = "VpcEndpoint/released"
	InstanceRunning             Name = "Instance/running"
	InstanceBooted              Name = "Instance/booted"
	InstanceDeleted             Name = "Instance/deleted"
	VolumeAvailable             Name = "Volume/available"
	VolumeAttached              Name = "Volume/attached"
	VolumeDetached              Name = "Volume/detached"
	VolumeDeleted               Name = "Volume/deleted"
	LoadBalancerAvailable       Name = "LoadBalancer/available"
	LoadBalancerReleased        Name = "LoadBalancer/released"
	ClassicLoadBalancerReleased Name = "ClassicLoadBalancer/released"
	ChangeInSync                Name = "Change/insync"
	InstanceProfileUsable       Name = "InstanceProfile/usable"
)

// InstanceProfileWait is the delay before an instance starts with a new profile, since no API reports when EC2
// knows the profile. It is longer than the median on purpose: a launch that is too early fails.
const InstanceProfileWait Name = "InstanceProfile/wait"

// table holds the medians and their sources.
//
// Rows without a note are medians of "complete after" in public logs of terraform apply and destroy (7 to 15 samples
// each, rounded up by Terraform's own polling). AWS publishes no figures.
var table = map[Name]time.Duration{
	Read:  90 * time.Millisecond,  // estimate: one round trip and a lookup
	Write: 250 * time.Millisecond, // estimate: Terraform rounds these to 0 or 1 s

	VPCAvailable:        2 * time.Second, // of 3 s in total, less the calls around it
	NATGatewayAvailable: 107 * time.Second,
	NATGatewayFailed:    10 * time.Second, // estimate
	NATGatewayDeleted:   60 * time.Second,
	VPCEndpointDeleted:  5 * time.Second,  // estimate, gateway endpoints
	VPCEndpointReleased: 90 * time.Second, // estimate: until the network interfaces of an interface endpoint are gone

	InstanceRunning: 20 * time.Second,
	InstanceBooted:  60 * time.Second, // from running; published node start times are 41 to 65 s
	InstanceDeleted: 40 * time.Second, // estimate: commonly 30 to 60 s
	VolumeAvailable: 2 * time.Second,  // estimate
	VolumeAttached:  2 * time.Second,  // estimate
	VolumeDetached:  3 * time.Second,  // estimate
	VolumeDeleted:   2 * time.Second,  // estimate, for a detached volume

	LoadBalancerAvailable:       157 * time.Second, // network load balancers, 3 samples
	LoadBalancerReleased:        20 * time.Second,  // estimate: until its network interfaces are gone; minutes at times
	ClassicLoadBalancerReleased: 2 * time.Minute,   // estimate: users report 1 to 20 minutes

	ChangeInSync:          35 * time.Second, // 1 sample; AWS says generally within 60 s
	InstanceProfileUsable: 8 * time.Second,  // 1 to 8 s, and RunInstances lags behind IAM
	InstanceProfileWait:   10 * time.Second, // what Terraform and other installers wait
}

// Of returns the median of a latency. It panics if the table does not list the name.
func Of(name Name) time.Duration {
	d, ok := table[name]
	if !ok {
		panic(fmt.Sprintf("latency: the table has no row %q", name))
	}
	return d
}

// Known reports whether the table lists the name.
func Known(name Name) bool {
	_, ok := table[name]
	return ok
}

// reads are the first words of operations that change nothing.
var reads = []string{"Describe", "Get", "List", "Search", "Assume", "Simulate"}

// ReadOnly reports whether an operation changes nothing, judged by the first word of its name.
func ReadOnly(operation string) bool {
	return slices.ContainsFunc(reads, func(prefix string) bool { return strings.HasPrefix(operation, prefix) })
}

// Call returns the name of the latency of an API operation: its own, if the table lists it, or Read or Write.
func Call(operation string) Name {
	switch own := Name(operation); {
	case Known(own):
		return own
	case ReadOnly(operation):
		return Read
	}
	return Write
}
