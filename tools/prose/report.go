package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// breach is one use of a word that a rule replaces.
type breach struct {
	file         string
	line, column int
	rule         string
	message      string
}

// String returns the breach as editors and terminals read it.
func (b breach) String() string {
	return fmt.Sprintf("%s:%d:%d: %s (%s)", b.file, b.line, b.column, b.message, b.rule)
}

// directory returns the top-level directory of the file, or "." for a file at the
// root.
func (b breach) directory() string {
	directory, _, nested := strings.Cut(b.file, "/")
	if !nested {
		return "."
	}
	return directory
}

// parse reads the JSON report of Vale. A breach in an extracted string gets the
// path of its source.
func parse(report []byte) ([]breach, error) {
	var alerts map[string][]struct {
		Check   string
		Line    int
		Message string
		Span    []int
	}
	if err := json.Unmarshal(report, &alerts); err != nil {
		return nil, fmt.Errorf("read the report of vale: %w: %s", err, report)
	}
	var breaches []breach
	for file, alerts := range alerts {
		if source, extracted := strings.CutPrefix(file, mirror+"/"); extracted {
			file = strings.TrimSuffix(source, ".txt")
		}
		for _, a := range alerts {
			b := breach{file: file, line: a.Line, rule: a.Check, message: a.Message}
			if len(a.Span) > 0 {
				b.column = a.Span[0]
			}
			breaches = append(breaches, b)
		}
	}
	slices.SortFunc(breaches, func(a, b breach) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.line, b.line), cmp.Compare(a.column, b.column), cmp.Compare(a.rule, b.rule))
	})
	return breaches, nil
}

// printCounts writes two tables, each sorted by count: breaches per top-level
// directory and per rule.
func printCounts(w io.Writer, breaches []breach) {
	directories, rules := map[string]int{}, map[string]int{}
	for _, b := range breaches {
		directories[b.directory()]++
		rules[b.rule]++
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, counts := range []map[string]int{directories, rules} {
		keys := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
			return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
		})
		for _, key := range keys {
			_, _ = fmt.Fprintf(table, "%d\t  %s\n", counts[key], key)
		}
		_, _ = fmt.Fprintf(table, "\t\n")
	}
	_, _ = fmt.Fprintf(table, "%d\t  breaches\n", len(breaches))
	_ = table.Flush()
}
