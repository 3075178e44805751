package output

import (
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// Rows is a text table: a heading in capitals, and columns separated by blanks, so that
// cut and grep work on it.
type Rows struct {
	// Columns are the headings.
	Columns []string
	// Empty is the text that replaces a table without rows.
	Empty string

	rows []table.Row
}

// Add adds a row. An empty cell becomes a dash.
func (r *Rows) Add(cells ...string) {
	row := make(table.Row, len(cells))
	for i, cell := range cells {
		if cell == "" {
			cell = "-"
		}
		row[i] = strings.Join(strings.Fields(cell), " ")
	}
	r.rows = append(r.rows, row)
}

// WriteTo writes the table.
func (r *Rows) WriteTo(w io.Writer) (int64, error) {
	if len(r.rows) == 0 && r.Empty != "" {
		n, err := io.WriteString(w, r.Empty+"\n")
		return int64(n), err
	}
	t := table.NewWriter()
	t.SetStyle(table.Style{
		Box:     table.BoxStyle{PaddingRight: "   "},
		Format:  table.FormatOptions{Header: text.FormatUpper},
		Options: table.OptionsNoBordersAndSeparators,
	})
	heading := make(table.Row, len(r.Columns))
	for i, column := range r.Columns {
		heading[i] = column
	}
	t.AppendHeader(heading)
	t.AppendRows(r.rows)
	var b strings.Builder
	for line := range strings.Lines(t.Render()) {
		b.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	n, err := io.WriteString(w, b.String())
	return int64(n), err
}
