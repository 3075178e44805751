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

// Referrers finds the records whose spec references an object, such as the node pools of a
// network. It is safe for concurrent use.
type Referrers struct {
	// Bucket holds the records.
	Bucket *store.Bucket
	// Field is the field of the spec that holds the name of the other object.
	Field protoreflect.Name

	once  sync.Once
	index *store.Index
}

// Keys returns the keys of the records that reference the object of this name.
func (r *Referrers) Keys(name string) []string {
	r.once.Do(func() {
		r.index = r.Bucket.Index(func(record store.Record) string { return ReferenceIn(record, r.Field) })
	})
	return r.index.Keys(name)
}

// ReferenceIn returns a string field of the spec in a record, or "" if it has none.
func ReferenceIn(record store.Record, field protoreflect.Name) string {
	packed := record.GetResource()
	messageType, err := protoregistry.GlobalTypes.FindMessageByURL(packed.GetTypeUrl())
	if err != nil {
		return ""
	}
	d := messageType.Descriptor().Fields().ByName("spec")
	if d == nil || d.Message() == nil {
		return ""
	}
	named := d.Message().Fields().ByName(field)
	if named == nil || named.Kind() != protoreflect.StringKind {
		return ""
	}
	return string(lastValue(lastValue(packed.GetValue(), d.Number()), named.Number()))
}

// lastValue returns the value of a field of an encoded message: the last one if it occurs more
// than once, as the encoding requires. Decoding the whole object for one name would cost about a
// hundred times as much.
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

// Find returns the object of this name from a bucket; false if there is none.
func Find[R Object](bucket *store.Bucket, objectType Type, name string) (R, bool) {
	var none R
	key, err := objectType.Key(name)
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

// ClusterOf returns the name of the cluster that a record holds, is a component of, or was
// released by while resources of that cluster remain in it; otherwise "".
func ClusterOf(record store.Record) string {
	packed := record.GetResource()
	messageType, err := protoregistry.GlobalTypes.FindMessageByURL(packed.GetTypeUrl())
	if err != nil {
		return ""
	}
	fields := messageType.Descriptor().Fields()
	if messageType.Descriptor().FullName() == clusterType {
		return string(lastValue(packed.GetValue(), fields.ByName("name").Number()))
	}
	for _, path := range [][]protoreflect.Name{{"spec", "cluster"}, {"status", "tenant", "cluster"}} {
		reference, messageType := descend(packed.GetValue(), messageType.Descriptor(), path)
		if messageType == nil || messageType.FullName() != referenceType {
			continue
		}
		if name := string(lastValue(reference, messageType.Fields().ByName("name").Number())); name != "" {
			return name
		}
	}
	return ""
}

// descend follows a path of fields through an encoded message. It returns the message at its end
// and its type; nil if there is no such field.
func descend(message []byte, messageType protoreflect.MessageDescriptor, path []protoreflect.Name) ([]byte, protoreflect.MessageDescriptor) {
	for _, name := range path {
		field := messageType.Fields().ByName(name)
		if field == nil || field.Message() == nil {
			return nil, nil
		}
		message, messageType = lastValue(message, field.Number()), field.Message()
	}
	return message, messageType
}

// The message types that ClusterOf recognizes.
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
