package service

import (
	"context"
	"time"

	"google.golang.org/grpc"

	"github.com/skep-dev/skep/libs/engine/queue"
	"github.com/skep-dev/skep/libs/engine/reconciler"
	"github.com/skep-dev/skep/libs/platform/process"
)

// Objects are the objects of one type, as definition.Open makes them.
type Objects interface {
	// Register adds the service of the object type to a gRPC server.
	Register(grpc.ServiceRegistrar)
	// Reconcile reconciles the record under a key. It ignores keys of other types.
	Reconcile(ctx context.Context, key string) (time.Duration, error)
}

// Options say what a service consists of.
type Options struct {
	// Name is the name of the service.
	Name string
	// Dependencies are those that the constructor of the service got.
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
		Service: o.Name, Identity: o.Dependencies.Replica, Group: o.Dependencies.Group,
		Conn: o.Dependencies.Conn, LeaseTTL: o.Dependencies.LeaseTTL,
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
