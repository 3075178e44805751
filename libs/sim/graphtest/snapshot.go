package graphtest

import (
	"regexp"
	"slices"
	"strings"
)

// publicAddress matches the elastic IPs of simulated AWS, which depend on the order of calls.
var publicAddress = regexp.MustCompile(`198\.18\.\d+\.\d+`)

// snapshot returns the content of AWS without the addresses that depend on the order of calls.
func (b *bench) snapshot() string {
	return publicAddress.ReplaceAllString(b.sim.String(), "(address)")
}

// difference lists the lines that only one of two snapshots has.
func difference(want, got string) []string {
	desired, observed := strings.Split(want, "\n"), strings.Split(got, "\n")
	var lines []string
	for _, line := range desired {
		if !slices.Contains(observed, line) {
			lines = append(lines, "missing: "+line)
		}
	}
	for _, line := range observed {
		if !slices.Contains(desired, line) {
			lines = append(lines, "surplus: "+line)
		}
	}
	if len(lines) == 0 && len(desired) != len(observed) {
		lines = append(lines, "a line repeats more often in one of them")
	}
	return lines
}
