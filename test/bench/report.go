package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// Report is the result of a run of rows.
type Report struct {
	Time    time.Time `json:"time"`
	Machine Machine   `json:"machine"`
	Figures []Figure  `json:"figures"`
	// Failed are the errors of the rows that could not be measured, by name.
	Failed map[string]string `json:"failed,omitempty"`
}

// The widths of the columns with sentences.
const (
	nameWidth   = 52
	detailWidth = 56
	peerWidth   = 34
)

// Print writes the report as one table.
func (r Report) Print(w io.Writer) {
	t := table.NewWriter()
	t.SetOutputMirror(w)
	t.SetStyle(table.StyleLight)
	t.SetColumnConfigs([]table.ColumnConfig{
		{Number: 2, WidthMax: nameWidth, WidthMaxEnforcer: text.WrapSoft},
		{Number: 3, Align: text.AlignRight},
		{Number: 7, WidthMax: peerWidth, WidthMaxEnforcer: text.WrapSoft},
		{Number: 8, WidthMax: detailWidth, WidthMaxEnforcer: text.WrapSoft},
	})
	t.AppendHeader(table.Row{"row", "figure", "value", "limit", "target", "", "other tools", "detail"})
	row := ""
	for _, f := range r.Figures {
		name := f.Row
		if f.Row == row {
			name = ""
		} else if row != "" {
			t.AppendSeparator()
		}
		row = f.Row
		t.AppendRow(table.Row{name, f.Name, strings.TrimSpace(number(f.Value) + " " + f.Unit), limit(f.Limit), f.Target.String(), verdict(f), f.Peer, f.Detail})
	}
	t.Render()
	for row, reason := range r.Failed {
		_, _ = fmt.Fprintf(w, "%s was not measured: %s\n", row, reason)
	}
	_, _ = fmt.Fprintf(w, "%s, %d cores, %s; load %s; %s; %s\n", r.Machine.CPU, r.Machine.Cores, r.Machine.Memory, r.Machine.Load, r.Machine.System, r.Machine.Go)
}

func limit(v *float64) string {
	if v == nil {
		return ""
	}
	return number(*v)
}

func verdict(f Figure) string {
	switch {
	case f.Target == nil:
		return ""
	case f.OnTarget():
		return "ok"
	default:
		return "MISSED"
	}
}

// Write writes the report as JSON and creates the directory of path.
func (r Report) Write(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	encoded, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	if err := os.WriteFile(path, append(encoded, '\n'), 0o600); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}
