package filter

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"go.einride.tech/aip/filtering"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// The message types that are compared as one value.
const (
	timestampName = protoreflect.FullName("google.protobuf.Timestamp")
	durationName  = protoreflect.FullName("google.protobuf.Duration")
)

func (p *path) has(value literal) (predicate, error) {
	switch {
	case value.text == present && !value.isNumber():
		return p.some(func(_ protoreflect.Value, set bool) bool { return set }), nil
	case p.mapped:
		key := protoreflect.ValueOfString(value.text).MapKey()
		return p.some(func(v protoreflect.Value, _ bool) bool { return v.IsValid() && v.Map().Has(key) }), nil
	case p.list:
		elements := *p
		elements.steps = append(append([]step(nil), p.steps[:len(p.steps)-1]...), step{field: p.leaf, each: true})
		return elements.compare(filtering.FunctionHas, value)
	}
	if message := p.leaf.Message(); message != nil && message.FullName() != timestampName && message.FullName() != durationName {
		field := fieldNamed(message, value.text)
		if field == nil {
			return nil, fmt.Errorf("field %q has no field %q; %s has %s", p.text, value.text, message.Name(), fieldNames(message))
		}
		return p.some(func(v protoreflect.Value, _ bool) bool { return v.IsValid() && v.Message().Has(field) }), nil
	}
	return p.compare(filtering.FunctionHas, value)
}

// compare compiles a comparison of single values.
func (p *path) compare(operator string, value literal) (predicate, error) {
	order, err := p.order(operator, value)
	if err != nil {
		return nil, fmt.Errorf("field %q %w", p.text, err)
	}
	var holds func(int) bool
	switch operator {
	case filtering.FunctionEquals, filtering.FunctionHas:
		holds = func(o int) bool { return o == 0 }
	case filtering.FunctionNotEquals:
		holds = func(o int) bool { return o != 0 }
	case filtering.FunctionLessThan:
		holds = func(o int) bool { return o < 0 }
	case filtering.FunctionLessEquals:
		holds = func(o int) bool { return o <= 0 }
	case filtering.FunctionGreaterThan:
		holds = func(o int) bool { return o > 0 }
	default:
		holds = func(o int) bool { return o >= 0 }
	}
	return p.some(func(v protoreflect.Value, _ bool) bool {
		if !v.IsValid() {
			return operator == filtering.FunctionNotEquals
		}
		return holds(order(v))
	}), nil
}

// order returns a function that compares a value of the field with the literal, like cmp.Compare. Types without an
// order are compared for equality only.
func (p *path) order(operator string, value literal) (func(protoreflect.Value) int, error) {
	equality := operator == filtering.FunctionEquals || operator == filtering.FunctionNotEquals || operator == filtering.FunctionHas
	switch kind := p.leaf.Kind(); kind {
	case protoreflect.StringKind:
		return stringOrder(value, equality)
	case protoreflect.BoolKind:
		return boolOrder(value, equality)
	case protoreflect.EnumKind:
		return enumOrder(p.leaf.Enum(), value, equality)
	case protoreflect.MessageKind:
		return messageOrder(p.leaf.Message(), value)
	case protoreflect.BytesKind, protoreflect.GroupKind:
		return nil, fmt.Errorf("is of type %s, which filters do not support", kind)
	case protoreflect.FloatKind, protoreflect.DoubleKind:
		if !value.isNumber() {
			return nil, fmt.Errorf("must be a number, not %q", value.text)
		}
		return func(v protoreflect.Value) int { return cmp.Compare(v.Float(), *value.float) }, nil
	case protoreflect.Uint32Kind, protoreflect.Uint64Kind, protoreflect.Fixed32Kind, protoreflect.Fixed64Kind:
		if value.whole == nil || *value.whole < 0 {
			return nil, fmt.Errorf("must be an integer of at least 0, not %q", value.text)
		}
		return func(v protoreflect.Value) int { return cmp.Compare(v.Uint(), uint64(*value.whole)) }, nil
	default:
		if value.whole == nil {
			return nil, fmt.Errorf("must be an integer, not %q", value.text)
		}
		return func(v protoreflect.Value) int { return cmp.Compare(v.Int(), *value.whole) }, nil
	}
}

// stringOrder compares strings by their bytes; for equality, a leading or trailing * matches any text.
func stringOrder(value literal, equality bool) (func(protoreflect.Value) int, error) {
	if value.isNumber() {
		return nil, fmt.Errorf(`must be a string; write %q in quotes`, value.text)
	}
	text, suffix := strings.CutPrefix(value.text, "*")
	text, prefix := strings.CutSuffix(text, "*")
	if !equality || !suffix && !prefix {
		return func(v protoreflect.Value) int { return strings.Compare(v.String(), value.text) }, nil
	}
	match := strings.Contains
	switch {
	case !prefix:
		match = strings.HasSuffix
	case !suffix:
		match = strings.HasPrefix
	}
	return equal(func(v protoreflect.Value) bool { return match(v.String(), text) }), nil
}

func boolOrder(value literal, equality bool) (func(protoreflect.Value) int, error) {
	if !equality {
		return nil, fmt.Errorf("is a bool and has no order; use = or !=")
	}
	if value.text != "true" && value.text != "false" {
		return nil, fmt.Errorf("must be true or false, not %q", value.text)
	}
	return equal(func(v protoreflect.Value) bool { return v.Bool() == (value.text == "true") }), nil
}

// enumOrder compares an enum by the name of its value.
func enumOrder(enum protoreflect.EnumDescriptor, value literal, equality bool) (func(protoreflect.Value) int, error) {
	if !equality {
		return nil, fmt.Errorf("is an enum and has no order; use = or !=")
	}
	named := enum.Values().ByName(protoreflect.Name(value.text))
	if named == nil {
		names := make([]string, enum.Values().Len())
		for i := range names {
			names[i] = string(enum.Values().Get(i).Name())
		}
		return nil, fmt.Errorf("cannot be %q; it is one of %s", value.text, strings.Join(names, ", "))
	}
	return equal(func(v protoreflect.Value) bool { return v.Enum() == named.Number() }), nil
}

// messageOrder compares timestamps and durations.
func messageOrder(message protoreflect.MessageDescriptor, value literal) (func(protoreflect.Value) int, error) {
	seconds, nanos := message.Fields().ByName("seconds"), message.Fields().ByName("nanos")
	var wantSeconds, wantNanos int64
	switch message.FullName() {
	case timestampName:
		t, err := time.Parse(time.RFC3339Nano, value.text)
		if err != nil {
			return nil, fmt.Errorf(`must be a time such as "2026-01-02T15:04:05Z", not %q`, value.text)
		}
		wantSeconds, wantNanos = t.Unix(), int64(t.Nanosecond())
	case durationName:
		d, err := time.ParseDuration(value.text)
		if err != nil {
			return nil, fmt.Errorf(`must be a duration such as "90s", not %q`, value.text)
		}
		wantSeconds, wantNanos = int64(d/time.Second), int64(d%time.Second)
	default:
		return nil, fmt.Errorf("is a message; compare one of its fields: %s", fieldNames(message))
	}
	return func(v protoreflect.Value) int {
		return cmp.Or(
			cmp.Compare(v.Message().Get(seconds).Int(), wantSeconds),
			cmp.Compare(v.Message().Get(nanos).Int(), wantNanos))
	}, nil
}

// equal turns an equality check into an order: 0 for equal, 1 otherwise.
func equal(same func(protoreflect.Value) bool) func(protoreflect.Value) int {
	return func(v protoreflect.Value) int {
		if same(v) {
			return 0
		}
		return 1
	}
}
