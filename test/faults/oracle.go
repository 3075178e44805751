package faults

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/skep-dev/skep/libs/aws/session"
	awssim "github.com/skep-dev/skep/libs/sim/aws"
	"github.com/skep-dev/skep/test/clustertest"
)

// The lines that differ from run to run: AWS chooses the public addresses, and targets
// drain after their deregistration.
var (
	publicAddress = regexp.MustCompile(`\b198\.18\.[0-9]+\.[0-9]+\b`)
	drained       = regexp.MustCompile(`(?m)^.* Target .* deleting\n`)
)

// normalized returns the content of AWS without the values that differ from run to run.
// Earlier are the uids of the owners whose resources existed before the scenario.
func normalized(s *clustertest.Suite, earlier []string) string {
	text := publicAddress.ReplaceAllString(drained.ReplaceAllString(exact(s), ""), "address")
	for _, uid := range earlier {
		text = strings.ReplaceAll(text, uid, "earlier")
	}
	for _, uid := range uids(s) {
		text = strings.ReplaceAll(text, uid, "uid")
	}
	return text
}

// exact returns the content of AWS, with the owner tags of the resources of networks.
func exact(s *clustertest.Suite) string {
	var b strings.Builder
	b.WriteString(s.AWS.String())
	for _, e := range s.AWS.Ledger() {
		if !e.DeletedAt.IsZero() || !strings.HasPrefix(e.Tags[session.TagResource], "networks/") {
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(e.Tags)) {
			if key == session.TagCluster || strings.HasPrefix(key, "kubernetes.io/") {
				fmt.Fprintf(&b, "%s is tagged %s=%s\n", e.Tags[session.TagResource], key, e.Tags[key])
			}
		}
	}
	return b.String()
}

// uids returns the owner uids in the tags of all resources.
func uids(s *clustertest.Suite) []string {
	var all []string
	for _, e := range s.AWS.Ledger() {
		if uid := e.Tags[session.TagCluster]; uid != "" && !slices.Contains(all, uid) {
			all = append(all, uid)
		}
	}
	return all
}

// difference lists the lines that occur more often in one text than in the other.
func difference(got, want string) []string {
	count := make(map[string]int)
	for line := range strings.Lines(got) {
		count[line]++
	}
	for line := range strings.Lines(want) {
		count[line]--
	}
	var different []string
	for _, line := range slices.Sorted(maps.Keys(count)) {
		switch n := count[line]; {
		case n > 0:
			different = append(different, fmt.Sprintf("%d too many: %s", n, strings.TrimSpace(line)))
		case n < 0:
			different = append(different, fmt.Sprintf("%d missing: %s", -n, strings.TrimSpace(line)))
		}
	}
	return different
}

// byGroup matches the resources that an auto scaling group creates in any number.
var byGroup = regexp.MustCompile(`^nodePools/.*/(node|root-volume)$`)

// duplicates lists the logical resources that existed twice at one time. The names of IAM
// roles and load balancers are unique, so AWS refuses a duplicate.
func duplicates(ledger []awssim.LedgerEntry) []string {
	type lifetime struct{ from, to time.Time }
	lifetimes := make(map[string][]lifetime)
	var twice []string
	for _, e := range ledger {
		resource := e.Tags[session.TagResource]
		if resource == "" || byGroup.MatchString(resource) {
			continue
		}
		to := e.DeletedAt
		if to.IsZero() {
			to = time.Now().Add(time.Hour)
		}
		key := e.Kind + " " + resource
		for _, other := range lifetimes[key] {
			if e.CreatedAt.Before(other.to) && other.from.Before(to) {
				twice = append(twice, fmt.Sprintf("two at one time: %s", key))
			}
		}
		lifetimes[key] = append(lifetimes[key], lifetime{e.CreatedAt, to})
	}
	return twice
}

// throttled lists the operations that AWS throttled, although the budget should prevent it.
func throttled(s *clustertest.Suite) []string {
	var refused []string
	for operation, times := range s.AWS.CountThrottles() {
		refused = append(refused, fmt.Sprintf("throttled: %s %d times", operation, times))
	}
	return refused
}

// prefixed adds the prefix to each line.
func prefixed(prefix string, lines []string) []string {
	all := make([]string, len(lines))
	for i, line := range lines {
		all[i] = prefix + ": " + line
	}
	return all
}
