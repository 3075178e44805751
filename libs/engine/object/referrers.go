package object

import (
	"sync"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/engine/store"
)

// Referrers finds the records whose specification names a resource, such as
// the node pools of a network. It is safe for concurrent use.
type Referrers struct {
	// Bucket holds the records.
	Bucket *store.Bucket
	// Field is the field of the specification that names the other resource.
	Field protoreflect.Name

	once  sync.Once
	index *store.Index
}

// Keys lists the keys of the records that name this resource.
func (r *Referrers) Keys(name string) []string {
	r.once.Do(func() {
		r.index = r.Bucket.Index(func(record store.Record) string { return ReferenceIn(record, r.Field) })
	})
	return r.index.Keys(name)
}

// ReferenceIn reads a string field of a record's specification, "" if there is none.
func ReferenceIn(record store.Record, field protoreflect.Name) string {
	resource := record.GetResource()
	kind, err := protoregistry.GlobalTypes.FindMessageByURL(resource.GetTypeUrl())
	if err != nil {
		return ""
	}
	d := kind.Descriptor().Fields().ByName("spec")
	if d == nil || d.Message() == nil {
		return ""
	}
	named := d.Message().Fields().ByName(field)
	if named == nil || named.Kind() != protoreflect.StringKind {
		return ""
	}
	return string(lastValue(lastValue(resource.GetValue(), d.Number()), named.Number()))
}

// lastValue is the value of a field of an encoded message, the last if it is there more
// than once, as the encoding has it. To decode all of a resource for one name would
// cost a hundred times as much.
func lastValue(message []byte, field protowire.Number) []byte {
	var value []byte
	for len(message) > 0 {
		number, wire, n := protowire.ConsumeTag(message)
		if n < 0 {
			return nil
		}
		message = message[n:]
		if n = protowire.ConsumeFieldValue(number, wire, message); n < 0 {
			return nil
		}
		if number == field && wire == protowire.BytesType {
			value, _ = protowire.ConsumeBytes(message)
		}
		message = message[n:]
	}
	return value
}

// Find returns the resource of a name from a bucket, or the zero value if it is
// not there.
func Find[R Object](bucket *store.Bucket, noun Type, name string) (R, bool) {
	var none R
	key, err := noun.Key(name)
	if err != nil {
		return none, false
	}
	record, ok := bucket.Get(key)
	if !ok {
		return none, false
	}
	r, err := Unpack[R](record.Record, record.Revision)
	return r, err == nil
}

// ClusterOf is the name of the cluster that a record is of or belongs to, or that
// gave it back and left something in it, or "".
func ClusterOf(record store.Record) string {
	resource := record.GetResource()
	kind, err := protoregistry.GlobalTypes.FindMessageByURL(resource.GetTypeUrl())
	if err != nil {
		return ""
	}
	fields := kind.Descriptor().Fields()
	if kind.Descriptor().FullName() == clusterType {
		return string(lastValue(resource.GetValue(), fields.ByName("name").Number()))
	}
	for _, way := range [][]protoreflect.Name{{"spec", "cluster"}, {"status", "tenant", "cluster"}} {
		reference, kind := descend(resource.GetValue(), kind.Descriptor(), way)
		if kind == nil || kind.FullName() != referenceType {
			continue
		}
		if name := string(lastValue(reference, kind.Fields().ByName("name").Number())); name != "" {
			return name
		}
	}
	return ""
}

// descend is the encoded message at the end of a way through the fields of another,
// and its kind; nil if that has no such field.
func descend(message []byte, kind protoreflect.MessageDescriptor, way []protoreflect.Name) ([]byte, protoreflect.MessageDescriptor) {
	for _, name := range way {
		field := kind.Fields().ByName(name)
		if field == nil || field.Message() == nil {
			return nil, nil
		}
		message, kind = lastValue(message, field.Number()), field.Message()
	}
	return message, kind
}

// What ClusterOf looks for.
var (
	clusterType   = (*clusterv1.Cluster)(nil).ProtoReflect().Descriptor().FullName()
	referenceType = (*typev1.ClusterReference)(nil).ProtoReflect().Descriptor().FullName()
)

// ReferrerSet finds the objects that name an object by one of several references.
type ReferrerSet []*Referrers

// With adds the references of a field in the records of a bucket.
func (s ReferrerSet) With(bucket *store.Bucket, field protoreflect.Name) ReferrerSet {
	for _, r := range s {
		if r.Bucket == bucket && r.Field == field {
			return s
		}
	}
	return append(s, &Referrers{Bucket: bucket, Field: field})
}

// First is the key of an object that names this one, or "" if none does.
func (s ReferrerSet) First(name string) string {
	for _, r := range s {
		if keys := r.Keys(name); len(keys) > 0 {
			return keys[0]
		}
	}
	return ""
}
