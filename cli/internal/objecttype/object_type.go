// Package objecttype derives the names of object types, and the calls to list, read and
// delete their objects, from the object types of libs/engine/object and their contracts.
// An object type that follows AIP-121 to 135 needs no code here. Only the command imports it.
package objecttype

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/engine/object"
)

// ObjectType is one object type of the API.
type ObjectType struct {
	// Short is the description in the help: the annotation skep.type.v1.summary of the contract.
	Short string

	message  protoreflect.MessageDescriptor
	resource *annotations.ResourceDescriptor
}

// Cluster is the object type of clusters.
var Cluster = of(object.Clusters)

// All are the other object types, in the order of the help: the components of clusters come
// first.
var All = others()

func others() []ObjectType {
	var components, independent []ObjectType
	for _, t := range object.Types() {
		switch other := of(t); {
		case t == object.Clusters:
		case other.Component():
			components = append(components, other)
		default:
			independent = append(independent, other)
		}
	}
	return append(components, independent...)
}

// of returns an object type. It panics if the process does not link the message of the type,
// which libs/engine/object does.
func of(t object.Type) ObjectType {
	message, err := protoregistry.GlobalTypes.FindMessageByName(t.Message)
	if err != nil {
		panic(fmt.Sprintf("objecttype: find message %s: %v", t.Message, err))
	}
	d := message.Descriptor()
	resource, _ := proto.GetExtension(d.Options(), annotations.E_Resource).(*annotations.ResourceDescriptor)
	summary, _ := proto.GetExtension(d.Options(), typev1.E_Summary).(string)
	return ObjectType{Short: summary, message: d, resource: resource}
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
