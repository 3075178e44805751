package host

import (
	"context"
	"log/slog"

	"github.com/nats-io/nats.go"
	"google.golang.org/grpc"

	"github.com/skep-dev/skep/libs/engine/service"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/audit"
	"github.com/skep-dev/skep/libs/platform/process"
	"github.com/skep-dev/skep/libs/platform/rpc"
)

// Instance is one replica of a service.
type Instance struct {
	// Name is the service, Replica the id of this one.
	Name, Replica string

	server        *rpc.Server
	service       service.Service
	conn          *nats.Conn
	lines         *audit.Log
	highWaterMark *store.HighWaterMark
	closed        func(*Instance)
	stop          context.CancelFunc
	stopping      context.Context
	// ready is closed when the replica serves, done when it has ended.
	ready, done chan struct{}
}

func newInstance(name, replica string, conn *nats.Conn, opened service.Service, server *rpc.Server) *Instance {
	i := &Instance{Name: name, Replica: replica, server: server, service: opened, conn: conn,
		ready: make(chan struct{}), done: make(chan struct{})}
	i.stopping, i.stop = context.WithCancel(context.Background())
	opened.Register(server)
	return i
}

// Register adds the gRPC services of the replica to another server, such as the one for clients.
func (i *Instance) Register(registrar grpc.ServiceRegistrar) { i.service.Register(registrar) }

// Run serves the other services and reconciles, until ctx ends or Kill is called. Then it closes the
// connections of the replica.
func (i *Instance) Run(ctx context.Context) error {
	defer close(i.done)
	defer i.closed(i)
	defer i.conn.Close()
	defer i.lines.Flush()
	defer i.save()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(i.stopping, cancel)()
	return process.All(ctx, i.service.Run, i.Once(i.serve))
}

// serve answers the other services until ctx ends.
func (i *Instance) serve(ctx context.Context) error {
	close(i.ready)
	return i.server.ServeLocal(ctx)
}

// save stores the high-water mark. After a kill, the stored mark is at most a second old.
func (i *Instance) save() {
	if err := i.highWaterMark.Save(); err != nil {
		slog.Warn("remember the state of the store", "service", i.Name, "error", err)
	}
}

// RolledBack returns the rollback of the store because of which the replica changes nothing, or nil.
func (i *Instance) RolledBack() error { return i.highWaterMark.RolledBack() }

// Warning is the warning for callers of the replica: why it changes nothing, or "".
func (i *Instance) Warning() string {
	if err := i.RolledBack(); err != nil {
		return err.Error() + "; Skep changes nothing until the state is repaired or accepted: see docs/operations.md"
	}
	return ""
}

// Once returns a function that runs part once the replica is ready. Before that, a replica would
// answer that no object exists.
func (i *Instance) Once(part func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		if err := i.service.Ready(ctx); err != nil {
			if ctx.Err() != nil {
				return nil //nolint:nilerr // The context ended before the replica was ready.
			}
			return err
		}
		return part(ctx)
	}
}

// Kill ends the replica as a crash does: from now on it writes nothing and answers no call. It
// returns at once; Wait returns when the replica has ended.
func (i *Instance) Kill() {
	i.conn.Close()
	i.server.Close()
	i.stop()
}

// Wait returns when Run has returned.
func (i *Instance) Wait() { <-i.done }
