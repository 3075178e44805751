package composer

import (
	"context"
	"fmt"

	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"
)

// Plan says what declaring the cluster would do in AWS, part by part in an order
// that works. The first part, the network, decides the zones of the others.
func (c *Cluster) Plan(ctx context.Context) ([]*typev1.PlannedAction, []string, error) {
	var actions []*typev1.PlannedAction
	var zones []string
	for _, part := range c.parts {
		planned, chosen, err := part.plan(ctx, zones)
		if err != nil {
			return nil, nil, fmt.Errorf("plan %s: %w", part.label(), err)
		}
		if len(zones) == 0 {
			zones = chosen
		}
		actions = append(actions, planned...)
	}
	return actions, zones, nil
}
