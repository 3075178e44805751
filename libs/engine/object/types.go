package object

import (
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

// The object types of Skep. Every process links the messages of all of them: a
// record whose message it does not know would name no other object, and what the
// record needs would be deleted under it.
var (
	Organizations     = typeOf(&identityv1.Organization{})
	Accounts          = typeOf(&identityv1.Account{})
	ClusterIdentities = typeOf(&identityv1.ClusterIdentity{})
	Networks          = typeOf(&networkv1.Network{})
	ApiEndpoints      = typeOf(&ingressv1.ApiEndpoint{})
	Ingresses         = typeOf(&ingressv1.Ingress{})
	ControlPlanes     = typeOf(&computev1.ControlPlane{})
	NodePools         = typeOf(&computev1.NodePool{})
	Bastions          = typeOf(&bastionv1.Bastion{})
	Clusters          = typeOf(&clusterv1.Cluster{})
)

// Types lists every object type.
func Types() []Type { return types }

var types []Type

// typeOf reads an object type from the google.api.resource annotation of its message,
// and adds it to Types. A message without the annotation is a mistake in its contract
// and panics at the start of every process.
func typeOf(message Object) Type {
	d := message.ProtoReflect().Descriptor()
	resource, ok := proto.GetExtension(d.Options(), annotations.E_Resource).(*annotations.ResourceDescriptor)
	if !ok || resource.GetPlural() == "" {
		panic("object: " + string(d.FullName()) + " has no google.api.resource annotation")
	}
	t := Type{
		CollectionID: resource.GetPlural(), Singular: words(resource.GetSingular()), Resource: resource.GetType(),
		Service: string(d.FullName().Parent().Parent().Name()), Message: d.FullName(),
	}
	types = append(types, t)
	return t
}

// words splits a name in camel case: `apiEndpoint` becomes `API endpoint`.
func words(camel string) string {
	var text strings.Builder
	for _, r := range camel {
		if unicode.IsUpper(r) {
			text.WriteRune(' ')
		}
		text.WriteRune(unicode.ToLower(r))
	}
	return strings.Replace(text.String(), "api ", "API ", 1)
}

// Reference is a field of a specification that names another object.
type Reference struct {
	// From is the type whose specification has the field, and Field its name.
	From  Type
	Field protoreflect.Name
	// To is the type of the object that the field names.
	To Type
}

// References lists the references of every specification, from the
// google.api.resource_reference annotations of its fields.
func References() []Reference { return references }

var references = findReferences()

func findReferences() []Reference {
	byResource := make(map[string]Type, len(types))
	for _, t := range types {
		byResource[t.Resource] = t
	}
	var found []Reference
	for _, t := range types {
		spec := t.spec()
		if spec == nil {
			continue
		}
		for i := range spec.Fields().Len() {
			field := spec.Fields().Get(i)
			reference, _ := proto.GetExtension(field.Options(), annotations.E_ResourceReference).(*annotations.ResourceReference)
			if to, ok := byResource[reference.GetType()]; ok {
				found = append(found, Reference{From: t, Field: field.Name(), To: to})
			}
		}
	}
	return found
}
