// Package kind does for every kind of API resource what is the same for all of
// them, so that a service says only what is its own.
//
// A Collection is the API side: Apply, Get, List, Delete and Watch over the
// records of one kind. A Reconciler is the other side: it takes one record,
// builds the graph of what it declares, makes one pass, and writes ledger and
// status back. Between the two stands nothing but the record: the write is the
// event.
//
// Services and the gateway import this package.
package kind

import (
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// Resource is an API resource: what every kind has in common.
type Resource interface {
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

// Noun names a kind: one word of the API.
type Noun struct {
	// Segment is the collection within a name, such as `networks`.
	Segment string
	// Singular is the kind in words, such as `network`.
	Singular string
}

// Key is the store key of a resource: `organizations/demo/networks/orchid` is
// kept under `networks/demo/orchid`, and `organizations/demo` under
// `organizations/demo`. A name that is not of this kind is a fault.
func (n Noun) Key(name string) (string, error) {
	parts := strings.Split(name, "/")
	switch {
	case len(parts) == 2 && n.Segment == "organizations" && parts[0] == "organizations":
		return name, nil
	case len(parts) == 4 && parts[0] == "organizations" && parts[2] == n.Segment:
		return strings.Join([]string{n.Segment, parts[1], parts[3]}, "/"), nil
	}
	return "", fault.InvalidFields(fault.Field{Path: "name", Message: "is not the name of " + article(n.Singular)})
}

// Name is the name of the resource under a store key.
func (n Noun) Name(key string) string {
	parts := strings.Split(key, "/")
	if len(parts) == 3 {
		return strings.Join([]string{"organizations", parts[1], n.Segment, parts[2]}, "/")
	}
	return key
}

// prefix is what the keys below a parent begin with; `organizations/-` is every parent.
func (n Noun) prefix(parent string) string {
	organization := strings.TrimPrefix(parent, "organizations/")
	if parent == "" || organization == "-" {
		return n.Segment + "/"
	}
	return n.Segment + "/" + organization + "/"
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

// Named makes the name of a resource of another kind in the same organization.
func Named(organization, segment, id string) string {
	return strings.Join([]string{"organizations", organization, segment, id}, "/")
}

func article(word string) string {
	if strings.ContainsRune("aeiouAEIOU", rune(word[0])) {
		return "an " + word
	}
	return "a " + word
}
