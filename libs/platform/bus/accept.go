package bus

import (
	"context"
	"time"

	"github.com/skep-dev/skep/libs/platform/streammeta"
)

// Accept makes the services take the state as it is, though they know that it was
// newer once or that it was restored: they go on from there, and look up in AWS
// what the state may have forgotten before they create it. Until then they change
// nothing.
func Accept(ctx context.Context, admin Connect, t Topology) error {
	return Stamp(ctx, admin, t, map[string]string{
		streammeta.Accepted: time.Now().UTC().Format(time.RFC3339Nano),
		streammeta.Restored: "",
	})
}

// Own makes the state say whose it is, so that a process that works for another
// installation changes nothing.
func Own(ctx context.Context, admin Connect, t Topology, installation string) error {
	return Stamp(ctx, admin, t, map[string]string{streammeta.Installation: installation})
}
