package reconciler

import (
	"time"

	"google.golang.org/protobuf/proto"

	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/object"
)

// render brings conditions, inventory and outputs of the resource up to date.
// It runs before every write, so that a long pass shows its progress.
func (p *reconciliation[R]) render(record *recordv1.Record, entries []graph.Entry) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	r := proto.CloneOf(p.r)
	going := r.GetDeleteTime() != nil
	items := inventory(p.declared, entries, p.report)
	object.SetInventory(r, items)
	before := object.Conditions(r)
	settled := p.finished && p.report.Settled()
	conditions := deriveConditions(before, p.Stages, items, going, p.waiting, p.trouble, now)
	object.SetConditions(r, conditions)
	if settled && !going {
		record.ReadyGeneration = r.GetGeneration()
	}
	if p.finished && p.waiting == "" {
		object.SetObservedGeneration(r, r.GetGeneration())
	}
	object.SetState(r, deriveState(going, settled, record, r.GetGeneration(), conditions))
	addConditionTransitions(record, now, before, conditions)
	if p.RenderStatus != nil {
		byName := make(map[string]graph.Entry, len(entries))
		for _, e := range entries {
			byName[e.Name] = e
		}
		p.RenderStatus(r, byName)
	}
	p.r = r
	return object.Pack(record, r)
}
