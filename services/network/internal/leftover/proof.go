package leftover

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Proof is what a last look found after a network had gone.
type Proof struct {
	// Left is what should not be there any more, Kept what is there on purpose.
	Left, Kept []Thing

	finder *Finder
}

// Prove looks for whatever outlives a VPC and is the cluster's: by the tags on
// everything EC2 has, and by the target groups of the VPC. What lives in a VPC
// need not be looked for, since AWS deletes no VPC before that has gone.
func (f *Finder) Prove(ctx context.Context) (*Proof, error) {
	s := &scenery{Finder: f}
	err := together(
		func() (err error) {
			if s.tagged, err = f.listTags(ctx); err != nil {
				return err
			}
			s.volumes, err = f.volumes(ctx, s.tagged)
			return err
		},
		func() (err error) { s.groups, s.marked, err = f.listTargetGroups(ctx); return err },
	)
	if err != nil {
		return nil, err
	}
	p := &Proof{finder: f}
	things := slices.Concat(s.judgeTargetGroups(), s.judgeVolumes(), s.judgeAddresses(), s.judgeOthers())
	for _, thing := range things {
		switch thing.Fate {
		case Goes:
			p.Left = append(p.Left, thing)
		case Kept:
			p.Kept = append(p.Kept, thing)
		case Freed, Foreign:
		}
	}
	return p, nil
}

// judgeOthers are things of other resource types with the cluster's tags, such
// as snapshots. Skep does not remove what it does not know.
func (s *scenery) judgeOthers() []Thing {
	var things []Thing
	for _, tag := range s.tagged {
		own := []types.ResourceType{types.ResourceTypeVolume, types.ResourceTypeElasticIp}
		id := aws.ToString(tag.ResourceId)
		again := slices.ContainsFunc(things, func(t Thing) bool { return t.ID == id })
		if slices.Contains(inside, tag.ResourceType) || slices.Contains(own, tag.ResourceType) || !s.stray(tag) || again {
			continue
		}
		things = append(things, Thing{Sort: Sort(tag.ResourceType), ID: id, Fate: Kept, Creator: "tagged " + aws.ToString(tag.Key)})
	}
	return things
}

// Reason is the proof in one word.
func (p *Proof) Reason() string {
	if len(p.Kept) > 0 {
		return "Kept"
	}
	return "Empty"
}

// String is the proof in words: what was looked for and where, and what was kept
// at which price.
func (p *Proof) String() string {
	var b strings.Builder
	f := p.finder
	fmt.Fprintf(&b, "Nothing is left: the ledger is empty")
	if f.VPC != "" {
		fmt.Fprintf(&b, ", %s and all that lived in it (instances, network interfaces, load balancers, gateways, endpoints, subnets, route tables, security groups) have gone", f.VPC)
	}
	fmt.Fprintf(&b, ", and neither a target group of the VPC nor anything of EC2's tagged skep.dev/cluster=%s or %s is there", f.Owner.Cluster, f.Owner.KubernetesTag("").Key)
	if len(p.Kept) == 0 {
		return b.String() + "."
	}
	total, unknown := 0.0, 0
	var kept []string
	for _, t := range p.Kept {
		kept = append(kept, fmt.Sprintf("%s %s", t.Sort.words(), strings.TrimSpace(t.ID+" "+t.detail())))
		total += t.Price.USD
		if !t.Price.Known {
			unknown++
		}
	}
	fmt.Fprintf(&b, ", but what was kept on purpose: %s. It costs $%.2f a month", strings.Join(kept, ", "), total)
	if unknown > 0 {
		fmt.Fprintf(&b, " and what %d of them cost, which is not known", unknown)
	}
	return b.String() + " at the list prices of us-east-1."
}

func (t Thing) detail() string {
	var parts []string
	if t.Name != "" {
		parts = append(parts, t.Name)
	}
	if t.Creator != "" {
		parts = append(parts, "made by "+t.Creator)
	}
	if len(parts) == 0 {
		return ""
	}
	return "(" + strings.Join(parts, ", ") + ")"
}
