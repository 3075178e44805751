package cluster_test

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/anishathalye/porcupine"
)

// verb is the operation of a replica on the store.
type verb string

const (
	put    verb = "put"
	remove verb = "delete"
	read   verb = "read" // From the leader of the stream, not from a cache.
)

// outcome is the result that a replica got.
type outcome string

const (
	done      outcome = "done"
	refused   outcome = "refused"   // The record had changed: store.ErrConflict.
	uncertain outcome = "uncertain" // No answer: store.ErrUnavailable.
)

// version is the unique name of one write of a key; absent means that there is no record.
type version string

const absent version = ""

// request is one operation on a key. A put or delete requires that the key holds decidedOn.
type request struct {
	verb      verb
	key       string
	decidedOn version
	version   version // The version that a put writes.
}

// answer is the outcome of a request, and the version that a read returned.
type answer struct {
	outcome outcome
	seen    version
}

// register is the model of the store: each key holds one version, and a write takes effect if
// the key still holds the version that the write was decided on. An uncertain write takes
// effect at any time after it was sent, or never. Its end is open, so it may take effect
// after all other operations.
var register = porcupine.Model{
	Partition: byKey,
	Init:      func() any { return absent },
	Step: func(state, input, output any) (bool, any) {
		holds, r, a := state.(version), input.(request), output.(answer)
		match := holds == r.decidedOn
		after := r.version // For a delete, it is absent.
		switch {
		case r.verb == read:
			return holds == a.seen, holds
		case a.outcome == done:
			return match, after
		case a.outcome == refused:
			return !match, holds
		case match:
			return true, after
		default:
			return true, holds
		}
	},
	DescribeOperation: func(input, output any) string {
		r, a := input.(request), output.(answer)
		switch r.verb {
		case read:
			return fmt.Sprintf("read %s", name(a.seen))
		case remove:
			return fmt.Sprintf("delete %s: %s", name(r.decidedOn), a.outcome)
		default:
			return fmt.Sprintf("%s → %s: %s", name(r.decidedOn), name(r.version), a.outcome)
		}
	},
	DescribeState: func(state any) string { return name(state.(version)) },
}

func name(v version) string {
	if v == absent {
		return "nothing"
	}
	return string(v)
}

// byKey divides a history by key: a store is linearizable if each of its keys is.
func byKey(history []porcupine.Operation) [][]porcupine.Operation {
	perKey := make(map[string][]porcupine.Operation)
	var keys []string
	for _, o := range history {
		key := o.Input.(request).key
		if perKey[key] == nil {
			keys = append(keys, key)
		}
		perKey[key] = append(perKey[key], o)
	}
	slices.Sort(keys)
	histories := make([][]porcupine.Operation, 0, len(keys))
	for _, key := range keys {
		histories = append(histories, perKey[key])
	}
	return histories
}

// forChecker returns the history for the linearizability check: the ends of uncertain writes
// are open, and uncertain puts whose version no operation saw are removed. If such a put had
// taken effect, the next write of another client would have been refused.
func forChecker(history []porcupine.Operation) []porcupine.Operation {
	seen := make(map[version]bool)
	for _, o := range history {
		seen[o.Input.(request).decidedOn] = true
		seen[o.Output.(answer).seen] = true
	}
	var checked []porcupine.Operation
	clients := 0
	for _, o := range history {
		clients = max(clients, o.ClientId+1)
	}
	for _, o := range history {
		r, a := o.Input.(request), o.Output.(answer)
		switch {
		case a.outcome != uncertain:
		case r.verb == read, r.verb == put && !seen[r.version]:
			continue
		default:
			// Its client continues meanwhile, so the write gets its own client in the drawing.
			o.Return, o.ClientId = math.MaxInt64, clients
			clients++
		}
		checked = append(checked, o)
	}
	return checked
}

// summary counts the operations of a history by verb and outcome.
func summary(history []porcupine.Operation) string {
	count := make(map[string]int)
	for _, o := range history {
		count[string(o.Input.(request).verb)+" "+string(o.Output.(answer).outcome)]++
	}
	var lines []string
	for operation, n := range count {
		lines = append(lines, fmt.Sprintf("%d %s", n, operation))
	}
	slices.Sort(lines)
	return strings.Join(lines, ", ")
}
