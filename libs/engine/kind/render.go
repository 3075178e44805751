package kind

import (
	"time"

	"google.golang.org/protobuf/proto"

	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"

	"github.com/skep-dev/skep/libs/engine/graph"
)

// render brings conditions, inventory and outputs of the resource up to date.
// It runs before every write, so that a long pass shows its progress.
func (p *pass[R]) render(record *recordv1.Record, entries []graph.Entry) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	r := proto.CloneOf(p.r)
	going := r.GetDeleteTime() != nil
	items := inventory(p.declared, entries, p.report)
	setInventory(r, items)
	before := Conditions(r)
	settled := p.finished && p.report.Settled()
	conditions := judge(before, p.Stages, items, going, p.waiting, p.trouble, now)
	setConditions(r, conditions)
	if settled && !going {
		record.ReadyGeneration = r.GetGeneration()
	}
	if p.finished && p.waiting == "" {
		setObserved(r, r.GetGeneration())
	}
	setState(r, conclusion(going, settled, record, r.GetGeneration(), conditions))
	noteConditions(record, now, before, conditions)
	if p.Render != nil {
		byName := make(map[string]graph.Entry, len(entries))
		for _, e := range entries {
			byName[e.Name] = e
		}
		p.Render(r, byName)
	}
	p.r = r
	return Pack(record, r)
}
