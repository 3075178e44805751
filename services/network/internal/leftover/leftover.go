// Package leftover finds what stands in the way of a network that is to go, or
// would be forgotten after it, and that Skep did not make: the load balancers,
// security groups, network interfaces, machines and volumes of controllers in
// the cluster, the endpoints that AWS itself puts into a VPC, and what somebody
// made by hand.
//
// A Finder looks and changes nothing. What it finds has a Fate. What goes is
// noted in the ledger and removed by the walk that removes everything else: a
// Leftover is a resource like any other, and what it stands on, a subnet or a
// security group, waits for it. What is foreign is a resource too, one that
// cannot be deleted, only seen to have gone.
//
// Only the network service imports it.
package leftover

import (
	"strings"
	"time"

	"github.com/skep-dev/skep/libs/engine/graph"
)

// Sort is a kind of thing in AWS.
type Sort string

// The sorts that are looked for.
const (
	Instance            Sort = "instance"
	LoadBalancer        Sort = "load-balancer"
	ClassicLoadBalancer Sort = "classic-load-balancer"
	TargetGroup         Sort = "target-group"
	NetworkInterface    Sort = "network-interface"
	SecurityGroup       Sort = "security-group"
	VPCEndpoint         Sort = "vpc-endpoint"
	NATGateway          Sort = "nat-gateway"
	Subnet              Sort = "subnet"
	RouteTable          Sort = "route-table"
	Peering             Sort = "vpc-peering-connection"
	Address             Sort = "elastic-ip"
	Volume              Sort = "volume"
)

// words is the sort as people say it.
func (s Sort) words() string { return strings.ReplaceAll(string(s), "-", " ") }

// Fate is what becomes of a thing when the network goes.
type Fate string

// The fates.
const (
	// Goes means that it is the cluster's, and removed.
	Goes Fate = "goes"
	// Freed means that AWS removes it, some minutes after what it served.
	Freed Fate = "freed"
	// Kept means that it is the cluster's, and kept on purpose.
	Kept Fate = "kept"
	// Foreign means that it is somebody else's: it is never touched.
	Foreign Fate = "foreign"
)

// Thing is one thing that was found.
type Thing struct {
	Sort Sort
	// ID is what AWS calls it: an id, an ARN, or the name of a classic load balancer.
	ID string
	// Name is what people call it, "" if they do not.
	Name string
	Fate Fate
	// Creator says who made it, as far as AWS tells.
	Creator string
	// Since is when it was made; zero if AWS does not tell.
	Since time.Time
	// On are the ids of what it stands on, which cannot go while it is there.
	On []string
	// Price is what it costs while it is there.
	Price Price
}

// Door is what stands in On for the internet gateway, which cannot be detached
// while something in the VPC has a public address.
const Door = "internet-gateway-attachment"

// The kinds of the resources in the ledger.
const (
	leftoverKind = "leftover"
	foreignKind  = "foreign"
)

// Label is the name of the thing in a ledger, such as `leftover/instance/i-0a1b`.
func (t Thing) Label() string {
	kind := leftoverKind
	if t.Fate == Foreign {
		kind = foreignKind
	}
	id := t.ID
	if strings.HasPrefix(id, "arn:") {
		id = t.Name
	}
	return kind + "/" + string(t.Sort) + "/" + id
}

// Action says what becomes of the thing, or what somebody has to do about it.
func (t Thing) Action() string {
	switch t.Fate {
	case Goes:
		return "is removed"
	case Freed:
		return "is removed by AWS, some minutes after what it served"
	case Kept:
		return "is kept, since it may hold data; declare volume_retention DELETE to have it removed"
	case Foreign:
		return "is not Skep's and never touched; if it is not needed, remove it: " + command(t.Sort, t.ID)
	}
	return ""
}

// IsLeftover reports whether a name in a ledger is that of something found here.
func IsLeftover(name string) bool {
	kind := graph.TypeOf(name)
	return kind == leftoverKind || kind == foreignKind
}

// The attributes in the ledger.
const (
	attributeSort    = "sort"
	attributeFate    = "fate"
	attributeName    = "name"
	attributeCreator = "creator"
	attributeSince   = "since"
	attributeFound   = "found"
	attributeVPC     = "vpc"
)

// Entry is what a ledger is to remember of the thing before anything is done
// about it. Needs are the names in that ledger of what it stands on.
//
// What goes is there, and will be asked to go. The rest nobody asks: it is only
// looked at, like what is on its way out.
func (t Thing) Entry(vpc string, needs []string, now time.Time) graph.Entry {
	state := graph.Deleting
	if t.Fate == Goes {
		state = graph.Ready
	}
	e := graph.Entry{
		Name: t.Label(), Needs: needs, ID: t.ID, State: state, Since: now,
		Attributes: map[string]string{
			attributeSort: string(t.Sort), attributeFate: string(t.Fate), attributeFound: now.Format(time.RFC3339), attributeVPC: vpc,
		},
	}
	for key, value := range map[string]string{attributeName: t.Name, attributeCreator: t.Creator} {
		if value != "" {
			e.Attributes[key] = value
		}
	}
	if !t.Since.IsZero() {
		e.Attributes[attributeSince] = t.Since.UTC().Format(time.RFC3339)
	}
	return e
}
