package audit

import (
	"context"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// A Verdict is the result of a verification.
type Verdict struct {
	// Pages, Lines and Sessions are the numbers of what was read.
	Pages, Lines, Sessions int
	// Open is the number of calls with a line before and no line after: their process died, or they are in progress.
	Open int
	// Broken lists the breaks of the chain. It is empty for an intact stream.
	Broken []string
}

// Verify reads the whole stream and checks that no page is missing, changed or inserted, except for pages past their
// retention.
func Verify(ctx context.Context, js jetstream.JetStream) (Verdict, error) {
	v := &verifier{tails: make(map[string]stored), hashes: make(map[uint64]string), open: make(map[string]bool)}
	err := read(ctx, js, func(s stored) error {
		v.check(s)
		return nil
	})
	if err != nil {
		return Verdict{}, err
	}
	v.verdict.Sessions, v.verdict.Open = len(v.tails), len(v.open)
	return v.verdict, nil
}

// verifier is the state of a verification.
type verifier struct {
	verdict Verdict
	first   uint64            // the oldest sequence in the stream
	last    uint64            // the previous sequence
	tails   map[string]stored // the newest page of each session
	hashes  map[uint64]string // the hash of every page
	open    map[string]bool   // calls without a line after
}

func (v *verifier) check(s stored) {
	v.verdict.Pages++
	if v.last == 0 {
		v.first = s.sequence
	} else if s.sequence != v.last+1 {
		v.broken(s, "the pages after %d and before this one are missing", v.last)
	}
	v.last = s.sequence
	v.hashes[s.sequence] = hash(s.data)
	tail, known := v.tails[s.Session]
	switch {
	case known && s.Number != tail.Number+1:
		v.broken(s, "it is number %d of its session and follows number %d", s.Number, tail.Number)
	case known && s.Previous != v.hashes[tail.sequence]:
		v.broken(s, "the previous page of the session, %d, was changed", tail.sequence)
	case !known && s.Number != 1 && v.first == 1:
		v.broken(s, "it is number %d of its session, and the earlier pages are missing", s.Number)
	case !known && s.Number == 1 && s.Anchor >= v.first && s.Previous != v.hashes[s.Anchor]:
		v.broken(s, "the page before the start of its session, %d, was changed", s.Anchor)
	}
	v.tails[s.Session] = s
	for _, line := range s.Lines {
		v.verdict.Lines++
		call := fmt.Sprint(s.Origin, line.Call)
		if line.Phase == Before {
			v.open[call] = true
		} else {
			delete(v.open, call)
		}
	}
}

func (v *verifier) broken(s stored, format string, values ...any) {
	v.verdict.Broken = append(v.verdict.Broken, fmt.Sprintf("page %d: ", s.sequence)+fmt.Sprintf(format, values...))
}
