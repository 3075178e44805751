package service

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/queue"
	"github.com/skep-dev/skep/libs/engine/reconciler"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/process"
	"github.com/skep-dev/skep/libs/platform/topology"
)

// Objects are the objects of one type, as definition.Open makes them.
type Objects interface {
	// Register adds the service of the object type to a gRPC server.
	Register(grpc.ServiceRegistrar)
	// Reconcile reconciles the record under a key. It ignores keys of other types.
	Reconcile(ctx context.Context, key string) (time.Duration, error)
}

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

// Options say what a service consists of.
type Options struct {
	// Name is the name of the service.
	Name string
	// Dependencies are what the service was given.
	Dependencies Dependencies
	// Records are its buckets.
	Records *Records
	// Objects are the object types that it serves and reconciles.
	Objects []Objects
	// Wakes are further changes that wake its objects.
	Wakes []queue.Wake
	// Register adds further gRPC services; nil adds none.
	Register func(grpc.ServiceRegistrar)
	// Run runs beside the service, until its context ends.
	Run []func(ctx context.Context) error
}

// New makes a service of its object types. It starts nothing.
func New(o Options) (Service, error) {
	reconcilers := make([]reconciler.KeyReconciler, 0, len(o.Objects))
	for _, objects := range o.Objects {
		reconcilers = append(reconcilers, objects)
	}
	controller, err := queue.New(queue.Options{
		Service: o.Name, Identity: o.Dependencies.Replica, Group: o.Dependencies.Group, Conn: o.Dependencies.Conn,
		Bucket: o.Records.Own, Wakes: append(o.Records.wakes(), o.Wakes...), Reconcile: reconciler.Each(reconcilers...),
	})
	if err != nil {
		return nil, err
	}
	return &composed{Options: o, controller: controller}, nil
}

// composed is a service made of object types.
type composed struct {
	Options
	controller *queue.Controller
}

// Register implements Service.
func (s *composed) Register(registrar grpc.ServiceRegistrar) {
	for _, objects := range s.Objects {
		objects.Register(registrar)
	}
	if s.Options.Register != nil {
		s.Options.Register(registrar)
	}
}

// Ready implements Service.
func (s *composed) Ready(ctx context.Context) error { return Synced(ctx, s.Records.buckets()...) }

// Run implements Service.
func (s *composed) Run(ctx context.Context) error {
	parts := append([]func(context.Context) error{s.controller.Run}, s.Options.Run...)
	for _, bucket := range s.Records.buckets() {
		parts = append(parts, bucket.Run)
	}
	return process.All(ctx, parts...)
}
