package leftover

import (
	"context"
	"fmt"
	"strings"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/services/network/internal/leftover/finding"
	"github.com/skep-dev/skep/services/network/internal/leftover/judge"
	"github.com/skep-dev/skep/services/network/internal/leftover/scan"
)

// Proof is the result of the last scan for leftovers of a cluster.
type Proof struct {
	// Reason is Empty, Kept or Unproven.
	Reason string
	// Message says what the scan looked for, and what Skep keeps at which price.
	Message string
}

// The reasons of a proof.
const (
	// Empty means that the scan found nothing.
	Empty = "Empty"
	// Kept means that it found only resources that Skep keeps on purpose.
	Kept = "Kept"
	// Unproven means that the role of the network service may not scan.
	Unproven = "Unproven"
)

// Prove scans for resources of the cluster that outlive its VPC. If it finds a resource to
// delete, it stores that in the ledger and returns nil. The caller calls it when the ledger is empty.
func (c *Cleanup) Prove(ctx context.Context, ledger graph.Ledger) (*Proof, error) {
	scanner, err := c.scanner(ctx, nil)
	if err != nil {
		return nil, err
	}
	snapshot, err := scanner.ScanBeyondVPC(ctx)
	if f := fault.Of(err); f != nil && f.Class == fault.Permission {
		return &Proof{Reason: Unproven, Message: "Skep has no permission to scan for leftovers: " + f.Message}, nil
	}
	if err != nil {
		return nil, err
	}
	var left, kept []finding.Finding
	for _, f := range judge.BeyondVPC(snapshot) {
		switch f.Disposition {
		case finding.Delete:
			left = append(left, f)
		case finding.Keep:
			kept = append(kept, f)
		case finding.ReleasedByAWS, finding.Foreign:
		}
	}
	if len(left) > 0 {
		return nil, record(ctx, ledger, scanner.VPC, left)
	}
	return newProof(scanner.Target, kept), nil
}

func newProof(target scan.Target, kept []finding.Finding) *Proof {
	var b strings.Builder
	b.WriteString("No resource of the cluster is left: the ledger is empty")
	if target.VPC != "" {
		fmt.Fprintf(&b, ", %s and every resource in it (instances, network interfaces, load balancers, gateways, endpoints, subnets, route tables, security groups) are deleted", target.VPC)
	}
	fmt.Fprintf(&b, ", and neither a target group of the VPC nor a resource of EC2 with the tag skep.dev/cluster=%s or %s exists",
		target.Cluster.UID(), target.Cluster.KubernetesTag("").Key)
	if len(kept) == 0 {
		return &Proof{Reason: Empty, Message: b.String() + "."}
	}
	b.WriteString(", except what Skep keeps on purpose: " + listKept(kept))
	return &Proof{Reason: Kept, Message: b.String()}
}

// listKept lists the kept resources and their price in words.
func listKept(kept []finding.Finding) string {
	total, unknown := 0.0, 0
	var items []string
	for _, f := range kept {
		items = append(items, f.Type.Words()+" "+f.ID+details(f))
		total += f.Price.USD
		if !f.Price.Known {
			unknown++
		}
	}
	text := fmt.Sprintf("%s. They cost $%.2f a month at the list prices of us-east-1", strings.Join(items, ", "), total)
	if unknown > 0 {
		text += fmt.Sprintf(", without the unknown prices of %d of them", unknown)
	}
	return text + "."
}

func details(f finding.Finding) string {
	var parts []string
	if f.Name != "" {
		parts = append(parts, f.Name)
	}
	if f.Creator != "" {
		parts = append(parts, "created by "+f.Creator)
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}
