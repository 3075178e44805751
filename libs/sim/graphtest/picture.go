package graphtest

import (
	"regexp"
	"slices"
	"strings"
)

// publicAddress matches the elastic IPs of awssim, which depend on the order of calls.
var publicAddress = regexp.MustCompile(`198\.18\.\d+\.\d+`)

// picture is the world without what depends on the order of calls.
func (b *bench) picture() string {
	return publicAddress.ReplaceAllString(b.world.String(), "(address)")
}

// difference lists the lines that only one of two pictures has.
func difference(want, got string) []string {
	wanted, found := strings.Split(want, "\n"), strings.Split(got, "\n")
	var lines []string
	for _, line := range wanted {
		if !slices.Contains(found, line) {
			lines = append(lines, "missing: "+line)
		}
	}
	for _, line := range found {
		if !slices.Contains(wanted, line) {
			lines = append(lines, "surplus: "+line)
		}
	}
	if len(lines) == 0 && len(wanted) != len(found) {
		lines = append(lines, "a line stands there more than once")
	}
	return lines
}
