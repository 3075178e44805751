package config

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Print prints the settings of a T for --help, one per line: the variable, its default and its meaning. It prints no
// value of the environment.
func Print[T any](w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if _, err := fmt.Fprintln(table, "VARIABLE\tDEFAULT\tMEANING"); err != nil {
		return fmt.Errorf("print settings: %w", err)
	}
	for _, s := range settingsOf[T]() {
		defaultValue, meaning := s.defaultValue, s.meaning
		switch {
		case s.required:
			defaultValue = "(required)"
		case defaultValue == "":
			defaultValue = "-"
		}
		if len(s.options) > 0 {
			meaning += " One of " + strings.Join(s.options, ", ") + "."
		}
		if _, err := fmt.Fprintf(table, "%s\t%s\t%s\n", s.variable, defaultValue, meaning); err != nil {
			return fmt.Errorf("print settings: %w", err)
		}
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("print settings: %w", err)
	}
	return nil
}
