package cluster_test

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/anishathalye/porcupine"
)

// verb is what a replica asks of the store.
type verb string

const (
	put    verb = "put"
	remove verb = "delete"
	read   verb = "read" // By the leader of the stream, not from a cache.
)

// outcome is what a replica was told.
type outcome string

const (
	done    outcome = "done"
	refused outcome = "refused"  // The record had changed: store.ErrConflict.
	doubt   outcome = "in doubt" // No answer: store.ErrUnavailable.
)

// version names one write of a key, and absent that there is no record. Every
// write has a version of its own.
type version string

const absent version = ""

// request is one operation on a key. A put and a delete are decided on a version.
type request struct {
	verb      verb
	key       string
	decidedOn version
	version   version // What a put writes.
}

// answer is what came of it, and what a read saw.
type answer struct {
	outcome outcome
	seen    version
}

// register is the store as it is promised to be: each key holds one version, and a
// write is made if the key still holds what it was decided on. A write in doubt is
// made at any time after it was sent, or never: its end is open, so that it may
// take place when nobody looks any more.
var register = porcupine.Model{
	Partition: byKey,
	Init:      func() any { return absent },
	Step: func(state, input, output any) (bool, any) {
		holds, r, a := state.(version), input.(request), output.(answer)
		match := holds == r.decidedOn
		after := r.version // It is absent for a delete.
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

// byKey parts a history: a store is linearizable if each of its keys is.
func byKey(history []porcupine.Operation) [][]porcupine.Operation {
	parts := make(map[string][]porcupine.Operation)
	var keys []string
	for _, o := range history {
		key := o.Input.(request).key
		if parts[key] == nil {
			keys = append(keys, key)
		}
		parts[key] = append(parts[key], o)
	}
	slices.Sort(keys)
	histories := make([][]porcupine.Operation, 0, len(keys))
	for _, key := range keys {
		histories = append(histories, parts[key])
	}
	return histories
}

// settled is a history with the ends of the writes in doubt left open, and without
// those puts in doubt that nobody ever saw: had one been made, then nothing could
// have been written after it by whoever did not know of it.
func settled(history []porcupine.Operation) []porcupine.Operation {
	seen := make(map[version]bool)
	for _, o := range history {
		seen[o.Input.(request).decidedOn] = true
		seen[o.Output.(answer).seen] = true
	}
	var kept []porcupine.Operation
	clients := 0
	for _, o := range history {
		clients = max(clients, o.ClientId+1)
	}
	for _, o := range history {
		r, a := o.Input.(request), o.Output.(answer)
		switch {
		case a.outcome != doubt:
		case r.verb == read, r.verb == put && !seen[r.version]:
			continue
		default:
			// Its client goes on meanwhile, so in the picture it has a line of its own.
			o.Return, o.ClientId = math.MaxInt64, clients
			clients++
		}
		kept = append(kept, o)
	}
	return kept
}

// summary counts what a history is made of.
func summary(history []porcupine.Operation) string {
	count := make(map[string]int)
	for _, o := range history {
		count[string(o.Input.(request).verb)+" "+string(o.Output.(answer).outcome)]++
	}
	var lines []string
	for what, n := range count {
		lines = append(lines, fmt.Sprintf("%d %s", n, what))
	}
	slices.Sort(lines)
	return strings.Join(lines, ", ")
}
