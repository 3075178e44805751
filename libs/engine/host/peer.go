package host

import (
	"context"
	"slices"
	"time"

	"google.golang.org/grpc"

	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/libs/platform/rpc"
)

// startTimeout is the time that a call waits for a replica to become ready. It equals the
// time that a client in another process tries to connect.
const startTimeout = 5 * time.Second

// Peer connects to a service: each call goes to a live replica in this process, or to the
// connection of Options.Peers if none runs here.
func (h *Host) Peer(name string) (grpc.ClientConnInterface, error) {
	if len(h.replicas(name)) == 0 && h.options.Peers != nil {
		return h.options.Peers(name)
	}
	return rpc.Local(func(ctx context.Context) (*rpc.Server, error) { return h.serving(ctx, name) }), nil
}

// serving is the server of the first replica that takes calls.
func (h *Host) serving(ctx context.Context, name string) (*rpc.Server, error) {
	var late <-chan time.Time
	for {
		starting := (*Instance)(nil)
		for _, instance := range h.replicas(name) {
			switch {
			case isClosed(instance.server.Stopping()):
			case isClosed(instance.ready):
				return instance.server, nil
			case starting == nil:
				starting = instance
			}
		}
		if starting == nil {
			return nil, fault.Unavailablef("no replica of %s is running", name)
		}
		if late == nil {
			late = time.After(startTimeout)
		}
		select {
		case <-starting.ready:
		case <-starting.server.Stopping():
		case <-starting.done:
		case <-late:
			return nil, fault.Unavailablef("no replica of %s is ready", name)
		case <-ctx.Done():
			return nil, fault.Unavailablef("no replica of %s is ready", name).Because(ctx.Err())
		}
	}
}

// replicas are those of a service that are not gone, oldest first.
func (h *Host) replicas(name string) []*Instance {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.instances[name])
}

func isClosed(signal <-chan struct{}) bool {
	select {
	case <-signal:
		return true
	default:
		return false
	}
}
