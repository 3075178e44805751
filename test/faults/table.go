package faults

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
)

// Table counts the runs by scenario and kinds of faults. It is safe for concurrent use.
type Table struct {
	mu    sync.Mutex
	began time.Time
	rows  map[string]*tally
	sites map[string]bool // by operation: whether a run injected a fault into it
}

// tally is one row of a table.
type tally struct{ events, runs, violations, missed int }

// NewTable returns an empty table. The time of the runs counts from now.
func NewTable() *Table {
	return &Table{began: time.Now(), rows: make(map[string]*tally), sites: make(map[string]bool)}
}

// row returns the row of a scenario and a kind. The caller holds the lock.
func (t *Table) row(s *Scenario, kind string) *tally {
	name := fmt.Sprintf("%-21s %s", s.Name, kind)
	if t.rows[name] == nil {
		t.rows[name] = new(tally)
	}
	return t.rows[name]
}

// AddEvents counts the events of a scenario that ran without faults.
func (t *Table) AddEvents(s *Scenario, trace []Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, e := range trace {
		if operation := e.Service + "." + e.Operation; !t.sites[operation] {
			t.sites[operation] = false
		}
		for _, kind := range Kinds(e) {
			t.row(s, string(kind)).events++
		}
	}
}

// AddRun counts a run.
func (t *Table) AddRun(r Run, result Result, failed bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var kinds []string
	for _, injection := range r.Plan {
		kinds = append(kinds, string(injection.Kind))
		t.sites[injection.Service+"."+injection.Operation] = true
	}
	row := t.row(r.Scenario, strings.Join(kinds, " "))
	row.runs++
	if failed {
		row.violations++
	}
	if slices.Contains(result.Reached, false) {
		row.missed++
	}
}

// String returns the table, followed by the rate of the runs and the share of the
// operations that had a fault.
func (t *Table) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	w := table.NewWriter()
	w.AppendHeader(table.Row{"scenario and fault", "events", "runs", "violations", "not reached"})
	var sum tally
	for _, name := range slices.Sorted(maps.Keys(t.rows)) {
		r := t.rows[name]
		w.AppendRow(table.Row{name, r.events, r.runs, r.violations, r.missed})
		sum.events, sum.runs = sum.events+r.events, sum.runs+r.runs
		sum.violations, sum.missed = sum.violations+r.violations, sum.missed+r.missed
	}
	w.AppendFooter(table.Row{"all", sum.events, sum.runs, sum.violations, sum.missed})
	broken := 0
	for _, was := range t.sites {
		if was {
			broken++
		}
	}
	took := time.Since(t.began)
	return fmt.Sprintf("%s\n%d runs in %s: %.1f a second; %d of %d operations with a fault (%d %%)\n", w.Render(), sum.runs,
		took.Round(time.Second), float64(sum.runs)/took.Seconds(), broken, len(t.sites), broken*100/max(len(t.sites), 1))
}
