package config

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Print lists the settings of a T for --help, one a line: the variable, its
// default, and what it means. It prints no value of the environment.
func Print[T any](w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if _, err := fmt.Fprintln(table, "VARIABLE\tDEFAULT\tMEANING"); err != nil {
		return fmt.Errorf("print settings: %w", err)
	}
	for _, s := range settingsOf[T]() {
		preset, meaning := s.preset, s.meaning
		switch {
		case s.required:
			preset = "(required)"
		case preset == "":
			preset = "-"
		}
		if len(s.options) > 0 {
			meaning += " One of " + strings.Join(s.options, ", ") + "."
		}
		if _, err := fmt.Fprintf(table, "%s\t%s\t%s\n", s.variable, preset, meaning); err != nil {
			return fmt.Errorf("print settings: %w", err)
		}
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("print settings: %w", err)
	}
	return nil
}
