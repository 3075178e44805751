// Package leftover finds and deletes the AWS resources that other creators left in the VPC
// of a network, or around it: load balancers, security groups, network interfaces,
// instances and volumes of controllers in the cluster, endpoints that AWS creates, and resources
// created by hand. Skep deletes the leftovers of the cluster and reports the foreign resources.
//
// A Cleanup has one hook for each moment in the life of a network: Sweep during its delete,
// Prove at the end of its delete, Release when a cluster leaves an adopted network, and
// Explain for a preview. No hook deletes a resource. A hook stores what it found in the
// ledger, and the reconciliation then deletes it like every other resource (Factories).
// A crash at any point therefore forgets nothing.
//
// The work is divided by job: ownership decides by tags whether a resource belongs to the
// cluster, scan reads AWS, judge decides what happens to each resource, finding is the
// result, and removal deletes it.
//
// Only services/network/internal/api imports it.
package leftover

import (
	"context"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	classic "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/services/network/internal/leftover/ownership"
	"github.com/skep-dev/skep/services/network/internal/leftover/removal"
	"github.com/skep-dev/skep/services/network/internal/leftover/scan"
)

// EC2 is the part of the EC2 API that the packages below this one call. The role of the
// network service must allow its methods, and those of ELB and ClassicELB.
type EC2 interface {
	scan.EC2
	removal.EC2
}

// ELB is the part of the API of network and application load balancers that they call.
type ELB interface {
	scan.ELB
	removal.ELB
}

// ClassicELB is the part of the API of classic load balancers that they call.
type ClassicELB interface {
	scan.ClassicELB
	removal.ClassicELB
}

// AWS is one AWS account and region.
type AWS struct {
	EC2     EC2
	ELB     ELB
	Classic ClassicELB
}

// NewAWS returns the clients of an account and region.
func NewAWS(config awssdk.Config) AWS {
	return AWS{EC2: ec2.NewFromConfig(config), ELB: elb.NewFromConfig(config), Classic: classic.NewFromConfig(config)}
}

// Cleanup removes the leftovers of one cluster from one network. It holds no state: the
// caller makes one from the current record for each call.
type Cleanup struct {
	// Open opens the account of the network. A hook that needs no read of AWS does not call it.
	Open func(ctx context.Context) (AWS, error)
	// Owner is the cluster whose leftovers are found.
	Owner session.Owner
	// Cluster is the name of that cluster in messages.
	Cluster string
	// VPC is the id of the VPC, for the time when the ledger has no entry of it any more.
	VPC string
	// UsedBy is a record of another service that uses the network, or "". Its resources
	// are not leftovers, and nothing is swept or released before it is deleted.
	UsedBy string
	// Deleting reports that the user deleted the network.
	Deleting bool
	// DeleteVolumes deletes the volumes of pods. By default they are kept, because they hold data.
	DeleteVolumes bool
	// TimeScale divides the intervals between two scans.
	TimeScale float64
}

// vpcName is the name of the VPC in the ledger of a network.
const vpcName = "vpc"

// Factories returns the constructors of the leftovers and foreign resources that the ledger may name.
func (c *Cleanup) Factories(api AWS) graph.Factories {
	return removal.Factories(removal.AWS{EC2: api.EC2, ELB: api.ELB, Classic: api.Classic}, ownership.Cluster{Owner: c.Owner})
}

// scanner returns a scanner of the VPC that leaves out the resources of these entries.
func (c *Cleanup) scanner(ctx context.Context, entries []graph.Entry) (*scan.Scanner, error) {
	api, err := c.Open(ctx)
	if err != nil {
		return nil, err
	}
	known := make(map[string]bool, len(entries))
	for _, e := range entries {
		known[e.ID] = true
	}
	vpc := idOf(entries, vpcName)
	if vpc == "" {
		vpc = c.VPC
	}
	return &scan.Scanner{
		AWS: scan.AWS{EC2: api.EC2, ELB: api.ELB, Classic: api.Classic},
		Target: scan.Target{
			Cluster: ownership.Cluster{Owner: c.Owner}, VPC: vpc, Known: func(id string) bool { return known[id] },
			InUse: c.UsedBy != "" || !c.Deleting, DeleteVolumes: c.DeleteVolumes,
		},
	}, nil
}

// scaled converts an interval in the time of AWS to this clock.
func (c *Cleanup) scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) / c.TimeScale)
}
