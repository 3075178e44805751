package output

import "charm.land/lipgloss/v2"

// The styles of text on a terminal. Callers write through colorprofile, which removes
// them where the output is not a terminal.
var (
	// Bad is the style of errors.
	Bad = lipgloss.NewStyle().Foreground(lipgloss.Red).Bold(true)
	// Good is the style of completed work.
	Good = lipgloss.NewStyle().Foreground(lipgloss.Green)
	// Quiet is the style of secondary text.
	Quiet = lipgloss.NewStyle().Faint(true)
	// Busy is the style of work in progress.
	Busy = lipgloss.NewStyle().Foreground(lipgloss.Yellow)
	// Strong is the style of headings.
	Strong = lipgloss.NewStyle().Bold(true)
)
