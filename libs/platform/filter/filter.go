// Package filter selects messages by AIP-160 filters and pages through lists by
// AIP-158 page tokens.
//
// A filter is parsed and checked against the descriptor of the message once, and
// then matches any number of messages. What it understands:
//
//   - Fields by path, in proto or JSON spelling: spec.region, observedGeneration.
//   - =, != on every single value; <, <=, >, >= on numbers, strings, timestamps
//     and durations. Enums are compared by the name of the value, timestamps are
//     written as RFC 3339, durations as "90s".
//   - A string with a leading or a trailing * in =, != and : matches by suffix or
//     prefix, or by both.
//   - Map entries as labels.tier = "gold"; keys with other characters are quoted:
//     labels."skep.dev/team" = "blue".
//   - has: labels:tier, labels.tier:gold, zones:"a", conditions.reason:Timeout,
//     and field:* for a field that is set.
//   - AND, OR, NOT, -, parentheses. OR binds tighter than AND, and terms side by
//     side are an AND, as AIP-160 has it. A bool field may stand alone.
//
// A map key that is not there, and an unset timestamp or duration, satisfies !=
// and no other comparison; every other unset field compares as its zero value.
//
// Every service and the gateway may import this package.
package filter

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"go.einride.tech/aip/filtering"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// maxLength is the most bytes of a filter, as the contracts declare it. It also
// bounds the depth of the recursion that parses and matches.
const maxLength = 2048

// Filter is a filter that fits one type of message. It is immutable and safe for
// concurrent use.
type Filter struct {
	message   protoreflect.FullName
	satisfied predicate
}

// predicate says whether a message is wanted.
type predicate func(protoreflect.Message) bool

// Parse reads a filter over messages of the given type. The empty filter matches
// every message. The error is a fault on the field "filter" that says what is
// wrong and, for syntax, at which column.
func Parse(text string, descriptor protoreflect.MessageDescriptor) (*Filter, error) {
	f := &Filter{message: descriptor.FullName(), satisfied: func(protoreflect.Message) bool { return true }}
	if strings.TrimSpace(text) == "" {
		return f, nil
	}
	if len(text) > maxLength {
		return nil, invalid(fmt.Errorf("is longer than %d bytes", maxLength))
	}
	var parser filtering.Parser
	parser.Init(text)
	parsed, err := parser.Parse()
	if err != nil {
		return nil, invalid(syntaxError(err))
	}
	f.satisfied, err = compiler{descriptor}.expression(parsed.GetExpr())
	if err != nil {
		return nil, invalid(err)
	}
	return f, nil
}

// Match reports whether the filter selects the message. It never selects a
// message of another type than it was parsed for.
func (f *Filter) Match(message proto.Message) bool {
	m := message.ProtoReflect()
	return m.Descriptor().FullName() == f.message && f.satisfied(m)
}

// invalid is the answer to a client whose filter cannot be used.
func invalid(err error) error {
	return fault.InvalidFields(fault.Field{Path: "filter", Message: err.Error()})
}

// syntaxError picks the innermost complaint of the parser, which wraps one around
// another for every rule of the grammar and draws each on lines of its own.
func syntaxError(err error) error {
	type complaint interface {
		Message() string
		Position() filtering.Position
	}
	if errors.Is(err, io.EOF) {
		return errors.New("ends where more is expected")
	}
	innermost := err
	for e := err; e != nil; e = errors.Unwrap(e) {
		if c, ok := e.(complaint); ok {
			innermost = fmt.Errorf("%s at column %d", c.Message(), c.Position().Column)
		}
	}
	return innermost
}
