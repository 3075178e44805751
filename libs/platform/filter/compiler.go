package filter

import (
	"errors"
	"fmt"
	"strings"

	"go.einride.tech/aip/filtering"
	"google.golang.org/genproto/googleapis/api/expr/v1alpha1"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// compiler turns a parsed filter into a predicate over one type of message.
type compiler struct {
	message protoreflect.MessageDescriptor
}

// expression compiles a Boolean expression.
func (c compiler) expression(e *expr.Expr) (predicate, error) {
	call := e.GetCallExpr()
	if call == nil {
		return c.flag(e)
	}
	switch call.GetFunction() {
	case filtering.FunctionAnd, filtering.FunctionFuzzyAnd, filtering.FunctionOr:
		return c.junction(call)
	case filtering.FunctionNot:
		return c.negation(call)
	case filtering.FunctionEquals, filtering.FunctionNotEquals, filtering.FunctionHas,
		filtering.FunctionLessThan, filtering.FunctionLessEquals,
		filtering.FunctionGreaterThan, filtering.FunctionGreaterEquals:
		return c.restriction(call)
	default:
		return nil, fmt.Errorf("function %q is unknown", call.GetFunction())
	}
}

// junction compiles AND and OR. The parser also accepts a call such as AND(x) with any number of arguments.
func (c compiler) junction(call *expr.Expr_Call) (predicate, error) {
	if len(call.GetArgs()) != 2 {
		return nil, fmt.Errorf("%s needs a term on each side", call.GetFunction())
	}
	left, err := c.expression(call.GetArgs()[0])
	if err != nil {
		return nil, err
	}
	right, err := c.expression(call.GetArgs()[1])
	if err != nil {
		return nil, err
	}
	if call.GetFunction() == filtering.FunctionOr {
		return func(m protoreflect.Message) bool { return left(m) || right(m) }, nil
	}
	return func(m protoreflect.Message) bool { return left(m) && right(m) }, nil
}

// negation compiles NOT and the leading minus.
func (c compiler) negation(call *expr.Expr_Call) (predicate, error) {
	if len(call.GetArgs()) != 1 {
		return nil, errors.New("NOT needs one term after it")
	}
	term, err := c.expression(call.GetArgs()[0])
	if err != nil {
		return nil, err
	}
	return func(m protoreflect.Message) bool { return !term(m) }, nil
}

// flag compiles a bool field without a comparison.
func (c compiler) flag(e *expr.Expr) (predicate, error) {
	segments, err := segmentsOf(e)
	if err != nil {
		return nil, errors.New(`a value needs a field to compare with, as in name = "x"`)
	}
	path, err := resolve(c.message, segments)
	if err != nil {
		return nil, err
	}
	if path.list || path.mapped || path.leaf.Kind() != protoreflect.BoolKind {
		return nil, fmt.Errorf("field %q is not a bool; compare it with a value", path.text)
	}
	return path.some(func(v protoreflect.Value, _ bool) bool { return v.IsValid() && v.Bool() }), nil
}

// restriction compiles one comparison.
func (c compiler) restriction(call *expr.Expr_Call) (predicate, error) {
	operator := call.GetFunction()
	if len(call.GetArgs()) != 2 {
		return nil, fmt.Errorf("%q needs a field on its left and a value on its right", operator)
	}
	segments, err := segmentsOf(call.GetArgs()[0])
	if err != nil {
		return nil, fmt.Errorf("the left side of %q is not a field", operator)
	}
	path, err := resolve(c.message, segments)
	if err != nil {
		return nil, err
	}
	value, err := literalOf(call.GetArgs()[1])
	if err != nil {
		return nil, fmt.Errorf("field %q: %w", path.text, err)
	}
	if operator == filtering.FunctionHas {
		return path.has(value)
	}
	switch {
	case path.many():
		return nil, fmt.Errorf(`field %q is a list or in a list; use the has operator, as in %s:"x"`, path.text, path.text)
	case path.mapped:
		return nil, fmt.Errorf(`field %q is a map; compare one entry, as in %s.key = "x", or check for a key, as in %s:key`, path.text, path.text, path.text)
	}
	return path.compare(operator, value)
}

// segmentsOf returns the segments of a field path such as a.b.c.
func segmentsOf(e *expr.Expr) ([]string, error) {
	switch {
	case e.GetIdentExpr() != nil:
		return []string{e.GetIdentExpr().GetName()}, nil
	case e.GetSelectExpr() != nil:
		segments, err := segmentsOf(e.GetSelectExpr().GetOperand())
		return append(segments, e.GetSelectExpr().GetField()), err
	default:
		return nil, errors.New("is not a field")
	}
}

// joined returns a path as it is written in a filter.
func joined(segments []string) string { return strings.Join(segments, ".") }
