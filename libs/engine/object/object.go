// Package object is what all API objects have in common: their names and types, the
// fields that every object has, its conditions and inventory, its owner reference,
// and which objects refer to it.
//
// The packages collection and reconciler stand on it; services and the gateway
// import it.
package object

import (
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// Object is an API resource: what every kind has in common.
type Object interface {
	proto.Message
	GetName() string
	GetUid() string
	GetEtag() string
	GetGeneration() int64
	GetLabels() map[string]string
	GetCreateTime() *timestamppb.Timestamp
	GetUpdateTime() *timestamppb.Timestamp
	GetDeleteTime() *timestamppb.Timestamp
}

// Type is an object type of the API.
type Type struct {
	// CollectionID is the segment of the type in names, such as `networks`.
	CollectionID string
	// Singular is the type in words, such as `API endpoint`.
	Singular string
	// Resource is the type in google.api.resource annotations, such as
	// `skep.dev/Network`.
	Resource string
	// Service is the service that owns the objects, such as `network`. It is a part of
	// the name of the message.
	Service string
	// Message is the name of the message, such as `skep.network.v1.Network`.
	Message protoreflect.FullName
}

// spec is the message of the specification, or nil.
func (t Type) spec() protoreflect.MessageDescriptor {
	message, err := protoregistry.GlobalTypes.FindMessageByName(t.Message)
	if err != nil {
		return nil
	}
	if field := message.Descriptor().Fields().ByName("spec"); field != nil {
		return field.Message()
	}
	return nil
}

// Key is the store key of a resource: `organizations/demo/networks/orchid` is
// kept under `networks/demo/orchid`, and `organizations/demo` under
// `organizations/demo`. A name that is not of this kind is a fault.
func (n Type) Key(name string) (string, error) {
	parts := strings.Split(name, "/")
	switch {
	case len(parts) == 2 && n.CollectionID == "organizations" && parts[0] == "organizations":
		return name, nil
	case len(parts) == 4 && parts[0] == "organizations" && parts[2] == n.CollectionID:
		return strings.Join([]string{n.CollectionID, parts[1], parts[3]}, "/"), nil
	}
	return "", fault.InvalidFields(fault.Field{Path: "name", Message: "is not the name of " + withArticle(n.Singular)})
}

// Name is the name of the resource under a store key.
func (n Type) Name(key string) string {
	parts := strings.Split(key, "/")
	if len(parts) == 3 {
		return strings.Join([]string{"organizations", parts[1], n.CollectionID, parts[2]}, "/")
	}
	return key
}

// KeyPrefix is what the keys below a parent begin with; `organizations/-` is every parent.
func (n Type) KeyPrefix(parent string) string {
	organization := strings.TrimPrefix(parent, "organizations/")
	if parent == "" || organization == "-" {
		return n.CollectionID + "/"
	}
	return n.CollectionID + "/" + organization + "/"
}

// Organization is the organization in a name.
func Organization(name string) string {
	parts := strings.Split(name, "/")
	if len(parts) < 2 {
		return ""
	}
	return parts[1]
}

// ID is the last part of a name.
func ID(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }

// NameOf makes the name of a resource of another kind in the same organization.
func NameOf(organization, segment, id string) string {
	return strings.Join([]string{"organizations", organization, segment, id}, "/")
}

func withArticle(word string) string {
	if strings.ContainsRune("aeiouAEIOU", rune(word[0])) {
		return "an " + word
	}
	return "a " + word
}
