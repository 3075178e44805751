package kind

import (
	"sync"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/store"
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
		r.index = r.Bucket.Index(func(record store.Record) string { return named(record, r.Field) })
	})
	return r.index.Keys(name)
}

// named reads a string field of a record's specification, "" if there is none.
func named(record store.Record, field protoreflect.Name) string {
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
	return string(last(last(resource.GetValue(), d.Number()), named.Number()))
}

// last is the value of a field of an encoded message, the last if it is there more
// than once, as the encoding has it. To decode all of a resource for one name would
// cost a hundred times as much.
func last(message []byte, field protowire.Number) []byte {
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
func Find[R Resource](bucket *store.Bucket, noun Noun, name string) (R, bool) {
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

// ClusterOf is the name of the cluster that a record is of or belongs to, or "".
func ClusterOf(record store.Record) string {
	resource := record.GetResource()
	kind, err := protoregistry.GlobalTypes.FindMessageByURL(resource.GetTypeUrl())
	if err != nil {
		return ""
	}
	fields := kind.Descriptor().Fields()
	if kind.Descriptor().FullName() == clusterKind {
		return string(last(resource.GetValue(), fields.ByName("name").Number()))
	}
	spec := fields.ByName("spec")
	if spec == nil || spec.Message() == nil {
		return ""
	}
	cluster := spec.Message().Fields().ByName("cluster")
	if cluster == nil || cluster.Message() == nil || cluster.Message().FullName() != referenceKind {
		return ""
	}
	reference := last(last(resource.GetValue(), spec.Number()), cluster.Number())
	return string(last(reference, cluster.Message().Fields().ByName("name").Number()))
}

// What ClusterOf looks for.
var (
	clusterKind   = (*clusterv1.Cluster)(nil).ProtoReflect().Descriptor().FullName()
	referenceKind = (*typev1.ClusterReference)(nil).ProtoReflect().Descriptor().FullName()
)
