package leftover

import (
	"context"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/services/network/internal/leftover/finding"
	"github.com/skep-dev/skep/services/network/internal/leftover/judge"
)

// Explanation is one finding, for the user.
type Explanation struct {
	finding.Finding
	// Blocked are the names of the resources of the network that the finding blocks.
	Blocked []string
}

// Explain scans the VPC and returns what a delete would do with every leftover and foreign
// resource. It changes nothing. The result holds at the time of the scan.
func (c *Cleanup) Explain(ctx context.Context, entries []graph.Entry) ([]Explanation, error) {
	if idOf(entries, vpcName) == "" {
		return nil, nil
	}
	scanner, err := c.scanner(ctx, entries)
	if err != nil {
		return nil, err
	}
	snapshot, err := scanner.Scan(ctx)
	if err != nil {
		return nil, err
	}
	names := newNameIndex(entries)
	var explanations []Explanation
	for _, f := range judge.Findings(snapshot) {
		explanations = append(explanations, Explanation{Finding: f, Blocked: names.of(f.Blocks)})
	}
	return explanations, nil
}
