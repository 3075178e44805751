// Package finding defines the result of a scan for leftovers: one AWS resource that
// the network did not declare, with its disposition, its price, and its form in a ledger.
//
// A Finding is a plain value: the package calls nothing and holds no state.
//
// The packages below services/network/internal/leftover and
// services/network/internal/api import it.
package finding

import (
	"strings"
	"time"

	"github.com/skep-dev/skep/libs/engine/graph"
)

// Disposition says what happens to a resource when its cluster is deleted.
type Disposition string

// The dispositions.
const (
	// Delete means that the resource belongs to the cluster and that Skep deletes it.
	Delete Disposition = "delete"
	// ReleasedByAWS means that AWS deletes the resource, some minutes after the
	// resource that it served. Skep cannot delete it.
	ReleasedByAWS Disposition = "released-by-aws"
	// Keep means that the resource belongs to the cluster and that Skep keeps it on purpose.
	Keep Disposition = "keep"
	// Foreign means that the resource belongs to another creator. Skep never changes it.
	Foreign Disposition = "foreign"
)

// Finding is one AWS resource that a scan found.
type Finding struct {
	Type ResourceType
	// ID is the id, the ARN, or the name of a classic load balancer.
	ID string
	// Name is the name for people; empty if the resource has none.
	Name        string
	Disposition Disposition
	// Creator names the creator, as far as AWS shows it; empty if AWS does not.
	Creator string
	// CreateTime is zero if AWS does not show it.
	CreateTime time.Time
	// Blocks are the ids of the resources that cannot be deleted before this one. It
	// may hold InternetGatewayAttachmentKey, and ids of resources that Skep does not know.
	Blocks []string
	// Price is the monthly price while the resource exists.
	Price Price
}

// InternetGatewayAttachmentKey stands in Finding.Blocks for the attachment of the
// internet gateway. The attachment has no id of its own, so the name of its entry in the
// ledger is used: AWS detaches no gateway while a resource in the VPC has a public address.
const InternetGatewayAttachmentKey = "internet-gateway-attachment"

// The resource types of findings in a ledger: the first segments of their names.
const (
	LeftoverType = "leftover"
	ForeignType  = "foreign"
)

// IsFinding reports whether name is the name of a finding in a ledger.
func IsFinding(name string) bool {
	resourceType := graph.TypeOf(name)
	return resourceType == LeftoverType || resourceType == ForeignType
}

// Label returns the name of the finding in a ledger, such as `leftover/instance/i-0a1b`.
func (f Finding) Label() string {
	resourceType := LeftoverType
	if f.Disposition == Foreign {
		resourceType = ForeignType
	}
	id := f.ID
	if strings.HasPrefix(id, "arn:") {
		id = f.Name
	}
	return resourceType + "/" + string(f.Type) + "/" + id
}

// Action says in words what happens to the resource, or what the user can do about it. The
// resource is the subject of the sentence.
func (f Finding) Action() string {
	switch f.Disposition {
	case Delete:
		return "is deleted"
	case ReleasedByAWS:
		return "is deleted by AWS, some minutes after the resource that it served"
	case Keep:
		return "is kept because it may hold data; set volume_retention to DELETE to delete it"
	case Foreign:
		return "belongs to another creator, so Skep never changes it; if you do not need it, delete it: " + f.Type.DeleteCommand(f.ID)
	}
	return ""
}
