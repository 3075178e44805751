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
	// ready is closed when peers are served, done when nothing runs any more.
	ready, done chan struct{}
}

func newInstance(name, replica string, conn *nats.Conn, opened service.Service, server *rpc.Server) *Instance {
	i := &Instance{Name: name, Replica: replica, server: server, service: opened, conn: conn,
		ready: make(chan struct{}), done: make(chan struct{})}
	i.stopping, i.stop = context.WithCancel(context.Background())
	opened.Register(server)
	return i
}

// Register adds the gRPC services of the replica to another server, such as one
// that the public may call.
func (i *Instance) Register(registrar grpc.ServiceRegistrar) { i.service.Register(registrar) }

// Run serves the service to its peers and keeps what it declares, until ctx
// ends or it is killed. What it depends on is closed after it.
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

// serve answers peers until ctx ends.
func (i *Instance) serve(ctx context.Context) error {
	close(i.ready)
	return i.server.ServeLocal(ctx)
}

// save keeps what the replica knows of the store. That of a process which is killed
// is a second old at most.
func (i *Instance) save() {
	if err := i.highWaterMark.Save(); err != nil {
		slog.Warn("remember the state of the store", "service", i.Name, "error", err)
	}
}

// RolledBack returns why the replica changes nothing, if the store went back.
func (i *Instance) RolledBack() error { return i.highWaterMark.RolledBack() }

// Warning is what those who ask the replica are to know: why nothing is changed, or "".
func (i *Instance) Warning() string {
	if err := i.RolledBack(); err != nil {
		return err.Error() + "; nothing is changed until that is mended or accepted, see docs/operations.md"
	}
	return ""
}

// Once returns a part that starts once the replica is ready. A replica that is
// asked too early would answer that nothing exists.
func (i *Instance) Once(part func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		if err := i.service.Ready(ctx); err != nil {
			if ctx.Err() != nil {
				return nil //nolint:nilerr // It was told to stop before there was anything to do.
			}
			return err
		}
		return part(ctx)
	}
}

// Kill ends the replica as a crash would: from now on it writes nothing and
// answers nobody. It returns at once; Wait tells when the last of it is gone.
func (i *Instance) Kill() {
	i.conn.Close()
	i.server.Close()
	i.stop()
}

// Wait returns when Run has returned.
func (i *Instance) Wait() { <-i.done }
