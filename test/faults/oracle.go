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
	"github.com/skep-dev/skep/test/scene"
)

// differs matches what AWS chooses anew in every run, and what is on its way out
// by itself: public addresses, and targets that are drained.
var (
	publicAddress = regexp.MustCompile(`\b198\.18\.[0-9]+\.[0-9]+\b`)
	drained       = regexp.MustCompile(`(?m)^.* Target .* deleting\n`)
)

// look is AWS as it is now, without what differs from run to run. Earlier are the
// owners of what was there before the scenario.
func look(s *scene.Scene, earlier []string) string {
	text := publicAddress.ReplaceAllString(drained.ReplaceAllString(exact(s), ""), "address")
	for _, uid := range earlier {
		text = strings.ReplaceAll(text, uid, "earlier")
	}
	for _, uid := range uids(s) {
		text = strings.ReplaceAll(text, uid, "uid")
	}
	return text
}

// exact is AWS as it is now, and whose what networks are made of is.
func exact(s *scene.Scene) string {
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

// uids are those that anything in AWS is tagged with as its owner's.
func uids(s *scene.Scene) []string {
	var all []string
	for _, e := range s.AWS.Ledger() {
		if uid := e.Tags[session.TagCluster]; uid != "" && !slices.Contains(all, uid) {
			all = append(all, uid)
		}
	}
	return all
}

// difference lists the lines that only one of two looks has.
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

// byGroup matches what an auto scaling group makes as many of as it likes.
var byGroup = regexp.MustCompile(`^nodePools/.*/(node|root-volume)$`)

// twins lists the logical resources that were two at one time. The names of IAM
// roles and load balancers are theirs alone, so that AWS itself refuses a second.
func twins(ledger []awssim.Entry) []string {
	type life struct{ from, to time.Time }
	lives := make(map[string][]life)
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
		thing := e.Kind + " " + resource
		for _, other := range lives[thing] {
			if e.CreatedAt.Before(other.to) && other.from.Before(to) {
				twice = append(twice, fmt.Sprintf("two at one time: %s", thing))
			}
		}
		lives[thing] = append(lives[thing], life{e.CreatedAt, to})
	}
	return twice
}

// throttled lists the operations that AWS throttled: the budget did not hold.
func throttled(s *scene.Scene) []string {
	var refused []string
	for operation, times := range s.AWS.CountThrottles() {
		refused = append(refused, fmt.Sprintf("throttled: %s %d times", operation, times))
	}
	return refused
}

// prefixed says what the lines are about.
func prefixed(prefix string, lines []string) []string {
	said := make([]string, len(lines))
	for i, line := range lines {
		said[i] = prefix + ": " + line
	}
	return said
}
