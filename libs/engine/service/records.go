package service

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/queue"
	"github.com/skep-dev/skep/libs/engine/reconciler"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/topology"
)

// Records are the buckets that a service opens: its own, and mirrors of those of the
// services that it reads.
type Records struct {
	// Own is the bucket that the service writes.
	Own *store.Bucket

	// bucket is the name of the own bucket; mirrors are by name of their bucket.
	bucket  string
	mirrors map[string]*store.Bucket
	scratch []*store.Bucket
}

// Open opens the buckets of a service: its own, and those that it reads in the topology
// of the suite.
func (d Dependencies) Open(ctx context.Context, name string) (*Records, error) {
	service, ok := topology.Suite().Service(name)
	if !ok {
		return nil, fmt.Errorf("service %s is not in the topology", name)
	}
	own, err := d.Bucket(ctx, service.Bucket)
	if err != nil {
		return nil, err
	}
	r := &Records{Own: own, bucket: service.Bucket, mirrors: make(map[string]*store.Bucket)}
	for _, read := range service.Reads {
		if r.mirrors[read.Service], err = d.Bucket(ctx, read.Service); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// Of is the bucket with the records of a service: the own one or a mirror, nil if it
// was not opened.
func (r *Records) Of(service string) *store.Bucket {
	if service == r.bucket {
		return r.Own
	}
	return r.mirrors[service]
}

// Referrers are the objects that name an object of this type, in all buckets that the
// service reads. They are found by the reference annotations of the contracts.
func (r *Records) Referrers(to object.Type) object.ReferrerSet {
	var found object.ReferrerSet
	for _, reference := range object.References() {
		if bucket := r.Of(reference.From.Service); reference.To == to && bucket != nil {
			found = found.With(bucket, reference.Field)
		}
	}
	return found
}

// wakes are the changes of other objects that wake those of the service: a change of
// an object wakes those that name it, and the end of an object wakes the one that it
// named, whose delete it may have blocked.
func (r *Records) wakes() []queue.Wake {
	type edge struct {
		from  string
		field protoreflect.Name
		to    object.Type
	}
	seen := make(map[edge]bool)
	var wakes []queue.Wake
	for _, reference := range object.References() {
		from, to := r.Of(reference.From.Service), r.Of(reference.To.Service)
		e := edge{reference.From.Service, reference.Field, reference.To}
		if from == nil || to == nil || seen[e] {
			continue // Types of one service that have the same field share its index.
		}
		seen[e] = true
		if reference.From.Service == r.bucket {
			referrers := &object.Referrers{Bucket: from, Field: reference.Field}
			wakes = append(wakes, reconciler.WakeReferrers(to, reference.To, referrers))
		}
		if reference.To.Service == r.bucket {
			wakes = append(wakes, reconciler.WakeReferenced(from, reference.To, reference.Field))
		}
	}
	return wakes
}

// All are the buckets of records, the own one first.
func (r *Records) All() []*store.Bucket {
	all := []*store.Bucket{r.Own}
	for _, name := range slices.Sorted(maps.Keys(r.mirrors)) {
		all = append(all, r.mirrors[name])
	}
	return all
}

// With adds a bucket that holds no records of objects; see Dependencies.Scratch.
func (r *Records) With(scratch *store.Bucket) *Records {
	r.scratch = append(r.scratch, scratch)
	return r
}

// buckets are all buckets that the service keeps up to date.
func (r *Records) buckets() []*store.Bucket { return append(r.All(), r.scratch...) }
