// Package filter selects messages by AIP-160 filters and pages through lists by AIP-158 page tokens.
//
// Parse checks a filter once against the descriptor of the message; the filter then matches any number of messages.
// It supports:
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
//   - AND, OR, NOT, -, parentheses. OR binds tighter than AND, and adjacent terms
//     are combined by AND, as AIP-160 requires. A bool field needs no comparison.
//
// A missing map key and an unset timestamp or duration satisfy != and no other comparison. Every other unset field
// compares as its zero value.
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

// maxLength is the limit of a filter in bytes, as the API contracts declare it. It also bounds the recursion depth of
// parsing and matching.
const maxLength = 2048

// Filter is a filter for one type of message. It is immutable and safe for concurrent use.
type Filter struct {
	message   protoreflect.FullName
	satisfied predicate
}

// predicate reports whether a filter selects a message.
type predicate func(protoreflect.Message) bool

// Parse parses a filter for messages with this descriptor. The empty filter matches every message. The error is a
// fault on the field "filter" that says what is wrong and, for syntax errors, in which column.
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

// Match reports whether the filter selects the message. It never selects a message of another type.
func (f *Filter) Match(message proto.Message) bool {
	m := message.ProtoReflect()
	return m.Descriptor().FullName() == f.message && f.satisfied(m)
}

// invalid returns the fault of a filter that cannot be used.
func invalid(err error) error {
	return fault.InvalidFields(fault.Field{Path: "filter", Message: err.Error()})
}

// syntaxError returns the innermost error of the parser, which wraps one multi-line error per rule of the grammar
// around it.
func syntaxError(err error) error {
	type parserError interface {
		Message() string
		Position() filtering.Position
	}
	if errors.Is(err, io.EOF) {
		return errors.New("is incomplete")
	}
	innermost := err
	for e := err; e != nil; e = errors.Unwrap(e) {
		if c, ok := e.(parserError); ok {
			innermost = fmt.Errorf("%s at column %d", c.Message(), c.Position().Column)
		}
	}
	return innermost
}
