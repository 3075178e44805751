package kind

import (
	"sync"

	"google.golang.org/protobuf/reflect/protoreflect"

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

	mu   sync.Mutex
	seen map[string]reference
}

// reference is what a record named when it was last decoded.
type reference struct {
	revision uint64
	name     string
}

// Keys lists the keys of the records that name this resource.
func (r *Referrers) Keys(name string) []string {
	var keys []string
	for _, record := range r.Bucket.List("") {
		if r.of(record) == name {
			keys = append(keys, record.Key)
		}
	}
	return keys
}

func (r *Referrers) of(record store.Record) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if seen, ok := r.seen[record.Key]; ok && seen.revision == record.Revision {
		return seen.name
	}
	if r.seen == nil {
		r.seen = make(map[string]reference)
	}
	name := named(record, r.Field)
	r.seen[record.Key] = reference{revision: record.Revision, name: name}
	return name
}

// named reads a string field of a record's specification, "" if there is none.
func named(record store.Record, field protoreflect.Name) string {
	m, err := record.GetResource().UnmarshalNew()
	if err != nil {
		return ""
	}
	s := spec(m)
	if s == nil {
		return ""
	}
	d := s.ProtoReflect().Descriptor().Fields().ByName(field)
	if d == nil || d.Kind() != protoreflect.StringKind {
		return ""
	}
	return s.ProtoReflect().Get(d).String()
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
	m, err := record.GetResource().UnmarshalNew()
	if err != nil {
		return ""
	}
	if c, ok := m.(*clusterv1.Cluster); ok {
		return c.GetName()
	}
	if part, ok := spec(m).(interface {
		GetCluster() *typev1.ClusterReference
	}); ok {
		return part.GetCluster().GetName()
	}
	return ""
}
