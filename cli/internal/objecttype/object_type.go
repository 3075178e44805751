// Package objecttype derives the names of object types, and the calls to list, read and
// delete their objects, from the protobuf messages. An object type that follows AIP-121
// to 135 needs no code here, only a line in All.
package objecttype

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	bastionv1 "github.com/skep-dev/skep/proto/gen/go/skep/bastion/v1"
	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	computev1 "github.com/skep-dev/skep/proto/gen/go/skep/compute/v1"
	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"
	ingressv1 "github.com/skep-dev/skep/proto/gen/go/skep/ingress/v1"
	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"
)

// ObjectType is one object type of the API.
type ObjectType struct {
	// Short is the description in the help.
	Short string

	message  protoreflect.MessageDescriptor
	resource *annotations.ResourceDescriptor
}

// Cluster is the object type of clusters.
var Cluster = of(&clusterv1.Cluster{}, "Kubernetes clusters, each declared in one document")

// All are the other object types, in the order of the help.
var All = []ObjectType{
	of(&networkv1.Network{}, "VPCs with their subnets, routes and NAT gateways"),
	of(&identityv1.ClusterIdentity{}, "roles, instance profiles and certificate authorities of clusters"),
	of(&ingressv1.ApiEndpoint{}, "DNS names and load balancers of Kubernetes APIs"),
	of(&ingressv1.Ingress{}, "load balancers of workloads"),
	of(&computev1.ControlPlane{}, "control plane machines"),
	of(&computev1.NodePool{}, "worker machines"),
	of(&bastionv1.Bastion{}, "hosts for SSH access"),
	of(&identityv1.Account{}, "AWS accounts for clusters"),
	of(&identityv1.Organization{}, "tenants: they own accounts and clusters"),
}

func of(m proto.Message, short string) ObjectType {
	descriptor := m.ProtoReflect().Descriptor()
	resource, _ := proto.GetExtension(descriptor.Options(), annotations.E_Resource).(*annotations.ResourceDescriptor)
	return ObjectType{Short: short, message: descriptor, resource: resource}
}

// Singular returns the word for the object type on the command line, such as `node-pool`.
func (t ObjectType) Singular() string { return kebab(t.resource.GetSingular()) }

// Plural returns the plural of Singular, such as `node-pools`.
func (t ObjectType) Plural() string { return kebab(t.resource.GetPlural()) }

// CollectionID returns the collection id in names, such as `nodePools`.
func (t ObjectType) CollectionID() string { return t.resource.GetPlural() }

// topmost reports whether the object type has no parent. Only organizations have none.
func (t ObjectType) topmost() bool { return strings.Count(t.resource.GetPattern()[0], "/") == 1 }

// Component reports whether objects of this type can be components of a cluster.
func (t ObjectType) Component() bool {
	spec := t.message.Fields().ByName("spec")
	return spec != nil && spec.Message() != nil && spec.Message().Fields().ByName("cluster") != nil
}

// Name returns the full name of an object in an organization. It returns a full name
// unchanged.
func (t ObjectType) Name(organization, id string) string {
	switch {
	case strings.HasPrefix(id, "organizations/"):
		return id
	case t.topmost():
		return "organizations/" + id
	}
	return fmt.Sprintf("organizations/%s/%s/%s", organization, t.CollectionID(), id)
}

// ID returns the last segment of a full name.
func ID(name string) string { return name[strings.LastIndex(name, "/")+1:] }

// Label returns the short name of a component of a cluster, both given by their full
// names: `organizations/demo/nodePools/orchid.workers` of orchid is `node-pool/workers`,
// and `organizations/demo/networks/orchid` is `network`.
func Label(cluster, part string) string {
	segments := strings.Split(part, "/")
	if len(segments) != 4 {
		return part
	}
	label := segments[2]
	for _, t := range slices.Concat(All, []ObjectType{Cluster}) {
		if t.CollectionID() == label {
			label = t.Singular()
		}
	}
	switch rest, ok := strings.CutPrefix(segments[3], ID(cluster)+"."); {
	case ok:
		return label + "/" + rest
	case segments[3] != ID(cluster):
		return label + "/" + segments[3]
	}
	return label
}

// kebab turns `nodePool` into `node-pool`.
func kebab(camel string) string {
	var b strings.Builder
	for i, r := range camel {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
