// Package object defines the common parts of all API objects: their names and types, the fields
// that every object has, its conditions and inventory, its owner reference, and the search for the
// objects that reference it.
//
// The packages collection and reconciler build on it; services and the gateway import it.
package object

import (
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// Object is an API object, with the fields that every object type has.
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

// Type is an object type. Its values come from the annotations of its contract.
type Type struct {
	// CollectionID is the collection id in names, such as `networks`.
	CollectionID string
	// Singular is the object type in messages, such as `API endpoint`.
	Singular string
	// Resource is the type in google.api.resource annotations, such as `skep.dev/Network`.
	Resource string
	// Service is the service that owns the objects, such as `network`: the middle of the
	// message's package.
	Service string
	// Message is the name of the message, such as `skep.network.v1.Network`.
	Message protoreflect.FullName
}

// spec returns the message of the spec, or nil.
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

// Key returns the store key of an object: `networks/demo/orchid` for
// `organizations/demo/networks/orchid`, and `organizations/demo` for `organizations/demo`. It
// returns a fault if the name belongs to another object type.
func (t Type) Key(name string) (string, error) {
	parts := strings.Split(name, "/")
	switch {
	case len(parts) == 2 && t.CollectionID == "organizations" && parts[0] == "organizations":
		return name, nil
	case len(parts) == 4 && parts[0] == "organizations" && parts[2] == t.CollectionID:
		return strings.Join([]string{t.CollectionID, parts[1], parts[3]}, "/"), nil
	}
	return "", fault.InvalidFields(fault.Field{Path: "name", Message: "is not the name of " + withArticle(t.Singular)})
}

// Name returns the name of the object under a store key.
func (t Type) Name(key string) string {
	parts := strings.Split(key, "/")
	if len(parts) == 3 {
		return strings.Join([]string{"organizations", parts[1], t.CollectionID, parts[2]}, "/")
	}
	return key
}

// KeyPrefix returns the common prefix of the keys below a parent. The parent `organizations/-`, or
// none, means every parent.
func (t Type) KeyPrefix(parent string) string {
	organization := strings.TrimPrefix(parent, "organizations/")
	if parent == "" || organization == "-" {
		return t.CollectionID + "/"
	}
	return t.CollectionID + "/" + organization + "/"
}

// Organization returns the organization id in a name, or "" if the name has none.
func Organization(name string) string {
	parts := strings.Split(name, "/")
	if len(parts) < 2 {
		return ""
	}
	return parts[1]
}

// ID returns the last segment of a name.
func ID(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }

// NameOf returns the name of an object of another type in the same organization.
func NameOf(organization, collectionID, id string) string {
	return strings.Join([]string{"organizations", organization, collectionID, id}, "/")
}

func withArticle(word string) string {
	if strings.ContainsRune("aeiouAEIOU", rune(word[0])) {
		return "an " + word
	}
	return "a " + word
}
