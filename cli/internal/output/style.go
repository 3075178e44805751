package output

import "charm.land/lipgloss/v2"

// The styles of text on a terminal; whoever writes it takes them away elsewhere.
var (
	// Bad is the style of what went wrong.
	Bad = lipgloss.NewStyle().Foreground(lipgloss.Red).Bold(true)
	// Good is the style of what is done.
	Good = lipgloss.NewStyle().Foreground(lipgloss.Green)
	// Quiet is the style of what matters less.
	Quiet = lipgloss.NewStyle().Faint(true)
	// Busy is the style of what is under way.
	Busy = lipgloss.NewStyle().Foreground(lipgloss.Yellow)
	// Strong is the style of headings.
	Strong = lipgloss.NewStyle().Bold(true)
)
