package bus

import (
	"context"
	"time"

	"github.com/skep-dev/skep/libs/platform/streammeta"
	"github.com/skep-dev/skep/libs/platform/topology"
)

// Accept accepts the current state although it was rolled back or restored. The services continue from it, and search
// AWS for resources that the state may have lost before they create any. Until then they change nothing.
func Accept(ctx context.Context, admin Connect, t topology.Topology) error {
	return SetMetadata(ctx, admin, t, map[string]string{
		streammeta.Accepted: time.Now().UTC().Format(time.RFC3339Nano),
		streammeta.Restored: "",
	})
}

// RecordInstallation records in the metadata of every bucket that installation owns the state. A process of another
// installation then changes nothing.
func RecordInstallation(ctx context.Context, admin Connect, t topology.Topology, installation string) error {
	return SetMetadata(ctx, admin, t, map[string]string{streammeta.Installation: installation})
}
