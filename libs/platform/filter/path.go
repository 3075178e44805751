package filter

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// path leads from a message to a value, or through a list to several values.
type path struct {
	text  string
	steps []step
	// leaf is the field at the end, or the element of the list or map at the end.
	leaf protoreflect.FieldDescriptor
	// list means that the path ends at a list, mapped that it ends at a map.
	list, mapped bool
}

// step goes from a message to a field, and on to one entry or to every element of the field.
type step struct {
	field protoreflect.FieldDescriptor
	// key selects one entry of a map.
	key *protoreflect.MapKey
	// each selects every element of a list.
	each bool
}

// visitor receives a value, which is invalid if there is none, and whether it is set.
type visitor func(value protoreflect.Value, set bool) bool

// resolve returns the path of the field with these segments.
func resolve(message protoreflect.MessageDescriptor, segments []string) (*path, error) {
	p := &path{text: joined(segments)}
	for i := 0; i < len(segments); i++ {
		if message == nil {
			return nil, fmt.Errorf("field %q has no fields", joined(segments[:i]))
		}
		field := fieldNamed(message, segments[i])
		if field == nil {
			return nil, fmt.Errorf("field %q does not exist; %s has %s", joined(segments[:i+1]), message.Name(), fieldNames(message))
		}
		at, last := step{field: field}, i == len(segments)-1
		p.leaf = field
		switch {
		case field.IsMap() && field.MapKey().Kind() != protoreflect.StringKind:
			return nil, fmt.Errorf("field %q is a map whose keys are no strings, which filters do not support", joined(segments[:i+1]))
		case field.IsMap() && last:
			p.mapped = true
		case field.IsMap():
			i++
			key := protoreflect.ValueOfString(segments[i]).MapKey()
			at.key, p.leaf = &key, field.MapValue()
		case field.IsList() && last:
			p.list = true
		case field.IsList():
			at.each = true
		}
		p.steps = append(p.steps, at)
		message = p.leaf.Message()
	}
	return p, nil
}

// fieldNamed returns the field with this name in proto or JSON, or nil.
func fieldNamed(message protoreflect.MessageDescriptor, name string) protoreflect.FieldDescriptor {
	if field := message.Fields().ByName(protoreflect.Name(name)); field != nil {
		return field
	}
	return message.Fields().ByJSONName(name)
}

// fieldNames lists the fields of a message for an error message.
func fieldNames(message protoreflect.MessageDescriptor) string {
	names := make([]string, message.Fields().Len())
	for i := range names {
		names[i] = string(message.Fields().Get(i).Name())
	}
	return strings.Join(names, ", ")
}

// many reports whether the path may lead to more than one value.
func (p *path) many() bool {
	return p.list || slices.ContainsFunc(p.steps, func(s step) bool { return s.each })
}

// some returns a predicate: whether the visitor accepts at least one value of a message.
func (p *path) some(accept visitor) predicate {
	return func(m protoreflect.Message) bool { return some(m, p.steps, accept) }
}

// some follows the steps. At a missing map entry it stops, and the visitor receives an invalid value.
func some(m protoreflect.Message, steps []step, accept visitor) bool {
	at, rest := steps[0], steps[1:]
	on := func(v protoreflect.Value, set bool) bool {
		if len(rest) == 0 || !v.IsValid() {
			return accept(v, set)
		}
		return some(v.Message(), rest, accept)
	}
	value, set := m.Get(at.field), m.Has(at.field)
	switch {
	case at.key != nil:
		entry := value.Map().Get(*at.key)
		return on(entry, entry.IsValid())
	case at.each:
		elements := value.List()
		for i := range elements.Len() {
			if on(elements.Get(i), true) {
				return true
			}
		}
		return false
	case len(rest) == 0 && !set && at.field.Message() != nil && !at.field.IsMap() && !at.field.IsList():
		return on(protoreflect.Value{}, false)
	default:
		return on(value, set)
	}
}
