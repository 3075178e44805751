package aws

import (
	"fmt"
	"time"
)

// latencies are the medians of how long AWS takes. A bare operation name is the time of the call itself; "Kind/state" is
// the time from the call until the thing reaches the state.
//
// Figures without a note are medians of "complete after" in public logs of terraform apply and destroy (7 to 15 samples
// each, rounded up by Terraform's own polling). AWS publishes none.
var latencies = map[string]time.Duration{
	"read":  90 * time.Millisecond,  // estimate: one round trip and a lookup
	"write": 250 * time.Millisecond, // estimate: Terraform rounds these to 0 or 1 s

	"Vpc/available":        2 * time.Second, // of 3 s in all, the calls around it taken off
	"NatGateway/available": 107 * time.Second,
	"NatGateway/failed":    10 * time.Second, // estimate
	"NatGateway/deleted":   60 * time.Second,
	"VpcEndpoint/deleted":  5 * time.Second,  // estimate, gateway endpoints
	"VpcEndpoint/released": 90 * time.Second, // estimate: the interfaces of an interface endpoint after it was deleted

	"Instance/running": 20 * time.Second,
	"Instance/booted":  60 * time.Second, // after running; published node start times are 41 to 65 s
	"Instance/deleted": 40 * time.Second, // estimate: commonly 30 to 60 s
	"Volume/available": 2 * time.Second,  // estimate
	"Volume/attached":  2 * time.Second,  // estimate
	"Volume/detached":  3 * time.Second,  // estimate

	"LoadBalancer/available":       157 * time.Second, // network load balancers, 3 samples
	"LoadBalancer/released":        20 * time.Second,  // estimate: its interfaces after it was deleted
	"ClassicLoadBalancer/released": 2 * time.Minute,   // estimate: users report 1 to 20 minutes

	"Change/insync":          35 * time.Second, // 1 sample; AWS says generally within 60 s
	"InstanceProfile/usable": 8 * time.Second,  // 1 to 8 s, and RunInstances lags behind IAM
}

// Latency is the median of how long the named thing takes, unscaled: an operation ("CreateVpc"), or a kind and the state
// it reaches ("NatGateway/available"). It panics on a state it has no figure for. Sums of it are the critical path of
// whatever is built.
func Latency(thing string) time.Duration {
	if d, ok := latencies[thing]; ok {
		return d
	}
	for key := range handlers {
		if key[1] == thing {
			return latencies[callLatency(thing, mutating(thing))]
		}
	}
	panic(fmt.Sprintf("awssim: no latency is known of %s", thing))
}

// callLatency is the name under which the time of a call is found.
func callLatency(operation string, mutating bool) string {
	switch _, own := latencies[operation]; {
	case own:
		return operation
	case mutating:
		return "write"
	}
	return "read"
}
