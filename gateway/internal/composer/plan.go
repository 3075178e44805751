package composer

import (
	"context"
	"fmt"

	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"
)

// Plan returns the actions in AWS that applying the cluster would cause, component by
// component. The plan of the first one, the network, chooses the zones for the others.
func (c *Cluster) Plan(ctx context.Context) ([]*typev1.PlannedAction, []string, error) {
	var actions []*typev1.PlannedAction
	var zones []string
	for _, component := range c.components {
		planned, chosen, err := component.plan(ctx, zones)
		if err != nil {
			return nil, nil, fmt.Errorf("plan %s: %w", component.label(), err)
		}
		if len(zones) == 0 {
			zones = chosen
		}
		actions = append(actions, planned...)
	}
	return actions, zones, nil
}
